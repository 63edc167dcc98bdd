/** What the page of a remote client shows: connection, numbers, plot, and what can be done with them. */
import { element } from "../element.js";
import { icon } from "../icons.js";
import { csv, csvName } from "./csv.js";
import { figure, header, pill, readable, segments } from "./page-frame.js";
import { Plot } from "./plot.js";

const spans = [
  { value: 5000, text: "5 s" }, { value: 10000, text: "10 s" }, { value: 30000, text: "30 s" }, { value: 60000, text: "1 min" },
  { value: 300000, text: "5 min" },
];
/** By the watcher's state: mood, word, detail. */
const states = {
  reaching: ["pending", "reaching the hub…"],
  absent: ["pending", "waiting", "nothing streams yet"],
  connecting: ["pending", "connecting…"],
  direct: ["good", "live", "direct"],
  relayed: ["pending", "live", "through the hub"],
  refused: ["bad", "refused"],
};

export class RemoteView {
  element;
  #buffer;
  #plot;
  #title;
  #name;
  #state = pill("Stream", "stream");
  #banner;
  #note = element("p", { class: "plot-note live-note" });
  #figures = {
    value: figure("Last value", "value"), rate: figure("Rate", "rate"), latency: figure("Latency", "latency"), lost: figure("Lost", "lost"),
  };
  #pause;
  #spans;
  #csv = element("button", { type: "button", class: "secondary csv-button", disabled: true, onclick: () => this.#export() }, icon("download"), "CSV");

  /** @param home Whether there is a dashboard to go back to. */
  constructor({ buffer, now, home, title, onRetry }) {
    this.#buffer = buffer;
    this.#name = title;
    this.#title = element("h1", {}, title);
    this.#banner = element(
      "div", { class: "banner relay-banner", role: "alert", hidden: true },
      element("p", {}, "No direct connection to the unit could be made, so its values come through the hub. They may arrive later than they would directly."),
      element("button", { type: "button", class: "secondary", onclick: onRetry }, "Try directly again"));
    const canvas = element("canvas", { tabIndex: 0, role: "img", "aria-label": "The values of the last seconds. Arrow keys move, plus and minus zoom." });
    this.#plot = new Plot({ canvas, buffer, now, onView: (shown) => this.#showView(shown) });
    this.#pause = element("button", { type: "button", class: "secondary pause-button", onclick: () => this.#togglePause() });
    this.#spans = segments("Time shown", spans, this.#plot.span, (span) => {
      this.#plot.span = span;
    });
    this.element = element(
      "div", { class: "dashboard live-page remote-page" },
      header([this.#state], home), this.#banner,
      element(
        "main", { class: "live-main" },
        this.#title,
        element("dl", { class: "figures" }, ...Object.values(this.#figures).map((each) => each.element)),
        element("div", { class: "live-panel live-plot-panel" }, element("div", { class: "live-plot" }, canvas, this.#note)),
        element(
          "div", { class: "live-tools" }, this.#pause, this.#spans.element,
          zoomButton("minus", "Show more time", () => this.#plot.zoom(2)),
          zoomButton("plus", "Show less time", () => this.#plot.zoom(0.5)),
          this.#csv),
      ));
    this.#showView({ paused: false, span: this.#plot.span });
  }

  start() {
    this.#plot.start();
  }

  restyle() {
    this.#plot.restyle();
  }

  showAbout({ name }) {
    if (name !== null) this.#name = name;
    this.#title.textContent = this.#name;
  }

  /** @param detail A sentence, for `refused`. @param running Whether the unit streams; null while that is not known. */
  showState(state, detail, running) {
    const [mood, word, more] = states[state];
    const live = state === "direct" || state === "relayed";
    if (live && running === false) this.#state.show("pending", "stopped", more);
    else this.#state.show(mood, word, more);
    this.#banner.hidden = state !== "relayed";
    this.#note.textContent = this.#buffer.length > 0 && state !== "refused" ? "" : detail ?? this.words(state, running);
  }

  /** The state in a sentence. */
  words(state, running) {
    if ((state === "direct" || state === "relayed") && running === false) return "Connected. The unit is not streaming at the moment.";
    return {
      reaching: "Reaching the hub…",
      absent: "Nothing streams as this unit at the moment. The plot starts as soon as something does.",
      connecting: "Connecting to the unit…",
      direct: "Connected directly to the unit.",
      relayed: "Connected through the hub.",
      refused: "The hub refuses this.",
    }[state];
  }

  showFigures({ last, rate, latency, lost, received }) {
    this.#csv.disabled = last === null;
    if (last !== null) this.#figures.value.show(readable(last.value, this.#plot.range));
    if (received > 0) this.#figures.rate.show(rate < 10 ? rate.toFixed(1) : rate.toFixed(0), "/ s");
    if (latency !== null) this.#figures.latency.show(latency < 10 ? latency.toFixed(1) : latency.toFixed(0), "ms");
    if (received > 0) this.#figures.lost.show((lost * 100).toFixed(lost > 0 && lost < 0.1 ? 2 : 0), "%");
    if (this.#buffer.length > 0) this.#note.textContent = "";
  }

  #togglePause() {
    this.#plot.isPaused = !this.#plot.isPaused;
  }

  #showView({ paused, span }) {
    this.#pause?.replaceChildren(icon(paused ? "play" : "pause"), paused ? "Resume" : "Pause");
    this.#spans?.show(span);
    this.element?.classList.toggle("paused", paused);
  }

  /** What is kept, or what is shown while the plot stands still. */
  #export() {
    const { last } = this.#buffer;
    if (last === null) return;
    const { from, to } = this.#plot.isPaused ? this.#plot.window : { from: -Infinity, to: Infinity };
    const url = URL.createObjectURL(new Blob([csv(this.#buffer, from, to)], { type: "text/csv" }));
    element("a", { href: url, download: csvName(this.#name, last.time) }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10000);
  }
}

function zoomButton(name, label, onclick) {
  return element("button", { type: "button", class: "secondary icon-button", title: label, "aria-label": label, onclick }, icon(name));
}
