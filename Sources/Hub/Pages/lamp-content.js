/**
 * What a lamp's card shows: the ring in the colour that was last asked for, and the ways to ask for another.
 *
 * The firmware answers nothing: the last request is what is known, and whether the lamp's TCP has taken it.
 */
import { colourNames } from "./colour-names.js";
import { colourOf, payloadOf } from "./colour.js";
import { element, uniqueID } from "./element.js";
import { LedRing } from "./led-ring.js";
import { NewestWins } from "./newest-wins.js";
import { outcomeOf } from "./request-outcome.js";
import { age } from "./time-format.js";

const swatches = [
  ["white", "White"], ["#ffb46b", "Warm white"], ["red", "Red"], ["orange", "Orange"],
  ["lime", "Green"], ["deepskyblue", "Sky blue"], ["blueviolet", "Violet"], ["black", "Off"],
];
/** The shortest time between two requests (milliseconds): at most ten a second. */
const sendInterval = 100;
/** How long events of requests that are already answered may still be on their way (milliseconds). */
const eventDelay = 500;

export class LampContent {
  element;
  #ring = new LedRing();
  #state = null;
  #queue;
  /** Whether a state has come that is not shown because a colour was just being asked for. */
  #heldBack = false;
  #parts;

  /** @param send An async function of a payload. */
  constructor({ send }) {
    this.#queue = new NewestWins({ send, interval: sendInterval, onSettled: (error) => this.#settled(error) });
    const typedID = uniqueID("colour");
    this.#parts = {
      name: element("output", { class: "colour-name" }, "No colour yet"),
      age: element("span", { class: "age" }),
      outcome: element("span", { class: "outcome", hidden: true }),
      picker: element("input", { type: "color", class: "picker", "aria-label": "Pick a colour", oninput: () => this.#picked() }),
      typed: element("input", {
        type: "text", id: typedID, class: "mono", placeholder: "#ffb347 or a name", maxLength: 24, autocomplete: "off", spellcheck: false,
        autocapitalize: "none",
      }),
      problem: element("p", { class: "problem", role: "alert", hidden: true }),
      controls: element("fieldset", { class: "lamp-controls" }),
    };
    const { name, age: ageText, outcome, picker, typed, problem, controls } = this.#parts;
    controls.append(
      element("legend", { class: "visually-hidden" }, "Colour"),
      element("div", { class: "swatches" }, ...swatches.map(([payload, label]) => this.#swatch(payload, label))),
      element(
        "form",
        { class: "colour-form", onsubmit: (event) => this.#submitted(event) },
        picker,
        element("label", { htmlFor: typedID, class: "visually-hidden" }, "Colour as hex value or name"),
        typed,
        element("button", { type: "submit", class: "secondary" }, "Set"),
      ),
    );
    this.element = element(
      "div",
      { class: "lamp-content" },
      element("div", { class: "lamp-view" }, this.#ring.element, element("div", { class: "lamp-text" }, name, ageText, outcome)),
      controls,
      problem,
    );
    this.#ring.show(null);
  }

  show(device) {
    this.#parts.controls.disabled = !device.active;
    if (device.lastState) this.take(device.lastState);
  }

  take(state) {
    if (this.#state && Date.parse(this.#state.at) > Date.parse(state.at)) return;
    this.#state = state;
    this.#heldBack = this.#queue.busy;
    if (!this.#heldBack) this.#showColour(state.value);
  }

  /** What became of the last request, as the base tells it. While that is not known the line keeps its place. */
  showRequest(request) {
    const { outcome } = this.#parts;
    const shown = outcomeOf(request);
    outcome.hidden &&= shown === null;
    outcome.className = `outcome ${shown?.kind ?? ""}`;
    outcome.textContent = shown?.text ?? "\u00a0";
    outcome.title = shown?.detail ?? "";
  }

  tick(now) {
    this.#parts.age.textContent = this.#state ? `requested ${age(now - Date.parse(this.#state.at))}` : "";
  }

  stop() {}

  #swatch(payload, label) {
    const button = element("button", { type: "button", class: "swatch", title: label, "aria-label": label, onclick: () => this.#ask(payload) });
    button.style.setProperty("--swatch", colourOf(payload));
    return button;
  }

  #picked() {
    this.#ask(this.#parts.picker.value);
  }

  #submitted(event) {
    event.preventDefault();
    const { typed } = this.#parts;
    const payload = payloadOf(typed.value);
    if (payload === null) {
      this.#showProblem(`“${typed.value.trim()}” is no colour. Write a hex value such as #ffb347 or a name such as royalblue.`);
      return;
    }
    typed.value = "";
    this.#ask(payload);
  }

  /** Shows the wanted colour at once and sends it. */
  #ask(payload) {
    this.#showProblem(null);
    this.#showColour(payload);
    this.#heldBack = false;
    this.#queue.offer(payload);
  }

  /** When the last request has been answered, what the hub knows counts again. */
  #settled(error) {
    this.#showProblem(error?.message ?? null);
    if (error) this.#showState();
    else setTimeout(() => this.#heldBack && !this.#queue.busy && this.#showState(), eventDelay);
  }

  #showState() {
    this.#heldBack = false;
    if (this.#state) this.#showColour(this.#state.value);
    else this.#showNothing();
  }

  #showColour(payload) {
    const colour = colourOf(payload);
    const { name, picker } = this.#parts;
    name.textContent = colour === null ? `“${payload}” is no colour` : described(payload, colour);
    this.#ring.show(colour);
    if (colour && document.activeElement !== picker) picker.value = colour;
    this.element.style.setProperty("--led", colour ?? "transparent");
  }

  #showNothing() {
    this.#parts.name.textContent = "No colour yet";
    this.#ring.show(null);
  }

  #showProblem(text) {
    const { problem } = this.#parts;
    problem.hidden = text === null;
    problem.textContent = text ?? "";
  }
}

/** The colour's name when it has one, else its hex value. */
function described(payload, colour) {
  if (colour === "#000000") return "Off";
  if (!payload.startsWith("#")) return /^[a-z0-9]*/i.exec(payload)[0].toLowerCase();
  const value = parseInt(colour.slice(1), 16);
  for (const [name, known] of colourNames) if (known === value) return name;
  return colour;
}
