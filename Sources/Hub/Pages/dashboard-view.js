/** The frame around the cards: header, toolbar, banner, the grid, and what stands there while it is empty. */
import { element } from "./element.js";
import { icon } from "./icons.js";
import { OfflineBanner } from "./offline-banner.js";
import { rangeChoice } from "./range-choice.js";
import { StatusBar } from "./status-bar.js";
import { themeButton } from "./theme.js";

export class DashboardView {
  element;
  grid = element("div", { class: "grid" });
  status = new StatusBar();
  #banner;
  #problem = element("p", { class: "problem page-problem", role: "alert", hidden: true });
  #count = element("span", { class: "count" });
  #empty;
  #tools;

  /** @param found The element that lists found units. */
  constructor({ user, onLogout, onAdd, onRange, onRetry, found }) {
    this.#banner = new OfflineBanner(onRetry);
    this.#empty = emptyState(onAdd);
    this.#tools = element(
      "div",
      { class: "toolbar", hidden: true },
      element("h1", {}, "Devices ", this.#count),
      rangeChoice(onRange),
      element("button", { type: "button", class: "primary", onclick: onAdd }, icon("plus"), "Add device"),
    );
    this.element = element(
      "div",
      { class: "dashboard" },
      element(
        "header",
        { class: "page-header" },
        element("p", { class: "brand" }, element("img", { src: "/icon.svg", alt: "", width: 28, height: 28 }), "iot hub"),
        this.status.element,
        element(
          "div",
          { class: "page-actions" },
          themeButton(),
          element("button", { type: "button", class: "quiet", title: `Log out ${user}`, "aria-label": `Log out ${user}`, onclick: onLogout },
            icon("leave"), element("span", { class: "button-text" }, "Log out")),
        ),
      ),
      this.#banner.element,
      element("main", {}, this.#problem, this.#tools, found, this.#empty, this.grid),
    );
  }

  /** Shows how the live connection is doing. */
  showPhase(phase, { pause = 0 } = {}) {
    this.status.showHub(phase);
    // Only the hub knows how the base is.
    if (phase === "waiting") this.status.showBase(null);
    this.element.classList.toggle("offline", phase === "waiting");
    if (phase === "live") this.#banner.hide();
    else if (phase === "connecting") this.#banner.trying();
    else if (phase === "waiting" && pause > 0) this.#banner.wait(pause);
  }

  /** Shows how many devices there are, or the first step while there is none. */
  showCount(count) {
    this.#count.textContent = String(count);
    this.#tools.hidden = count === 0;
    this.#empty.hidden = count > 0;
  }

  /** Shows what went wrong, in words, or nothing. */
  showProblem(text) {
    this.#problem.hidden = text === null;
    this.#problem.textContent = text ?? "";
  }
}

function emptyState(onAdd) {
  return element(
    "section",
    { class: "empty", hidden: true },
    element("img", { src: "/icon.svg", alt: "", width: 88, height: 88 }),
    element("h1", {}, "Add your first device"),
    element("p", {}, "A unit prints its address on its serial console once it has joined the network. Enter that address here and give the unit a name. Its values appear as soon as a base reads it."),
    element("button", { type: "button", class: "primary", onclick: onAdd }, icon("plus"), "Add device"),
    element("p", { class: "hint" }, "No board at hand? ", element("code", {}, "iot up"), " starts simulated units, a base and a hub together."),
  );
}
