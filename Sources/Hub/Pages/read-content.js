/**
 * What a read unit's card shows: the newest value, its age, and a chart of the range that the user has chosen.
 * Values that are no numbers are listed instead.
 */
import { ChartView } from "./chart-view.js";
import { element } from "./element.js";
import { fetchHistory } from "./history.js";
import { PointBuffer } from "./point-buffer.js";
import { numberOf, ReadingLog } from "./reading.js";
import { age, clockLabel, isStale } from "./time-format.js";

/** How many textual values are listed. */
const logLength = 5;
/** The longest time between two redraws while nothing arrives (milliseconds). */
const slowestRedraw = 10000;

export class ReadContent {
  element;
  #api;
  #clock;
  #device;
  #range;
  #buffer;
  #log = new ReadingLog(logLength);
  #newest = null;
  #fetching = new AbortController();
  #problem = null;
  #loaded = false;
  #chart = null;
  #drawnAt = -Infinity;
  #stale = true;
  #visible = true;
  #parts;

  /** @param range The chart's length in milliseconds. */
  constructor({ device, api, clock, range, chartLibrary }) {
    this.#api = api;
    this.#clock = clock;
    this.#device = device;
    this.#parts = {
      value: element("output", { class: "value" }, "–"),
      age: element("span", { class: "age" }),
      canvas: element("canvas", { role: "img" }),
      note: element("p", { class: "plot-note" }),
      log: element("ol", { class: "reading-log", hidden: true }),
      extremes: element("p", { class: "extremes" }),
    };
    const { value, age: ageText, canvas, note, log, extremes } = this.#parts;
    this.element = element(
      "div",
      { class: "read-content" },
      element("div", { class: "reading" }, value, element("div", { class: "reading-side" }, ageText, extremes)),
      element("div", { class: "plot" }, canvas, log, note),
    );
    if (chartLibrary) this.#chart = { library: chartLibrary, view: null };
    this.setRange(range, false);
  }

  show(device) {
    this.#device = device;
    if (device.lastState) this.take(device.lastState);
  }

  take({ value, at }) {
    const time = Date.parse(at);
    this.#insert(time, value);
    if (this.#newest && this.#newest.time > time) return;
    this.#newest = { time, value };
    this.#parts.value.textContent = value;
    this.#parts.value.classList.toggle("long", value.length > 7);
    this.#parts.value.title = value.length > 7 ? value : "";
  }

  /** Shows another length of time; fetches what belongs to it. */
  setRange(range, fetch = true) {
    this.#range = range;
    this.#buffer = new PointBuffer(range);
    this.#drawnAt = -Infinity;
    if (this.#newest) this.#insert(this.#newest.time, this.#newest.value);
    if (fetch) this.load();
  }

  /** Fetches the range's history; what is there already stays. */
  async load() {
    this.#fetching.abort();
    const fetching = new AbortController();
    this.#fetching = fetching;
    this.#loaded = false;
    try {
      await fetchHistory(this.#api, this.#device.id, {
        from: Math.floor(this.#clock.now() - this.#range),
        signal: fetching.signal,
        onStates: (states) => {
          if (fetching.signal.aborted) return;
          for (const { at, value } of states) this.#insert(Date.parse(at), value);
          this.#drawnAt = -Infinity;
          this.tick(this.#clock.now());
        },
      });
      this.#problem = null;
    } catch (error) {
      this.#problem = error.message;
    }
    if (fetching.signal.aborted) return;
    this.#loaded = true;
    this.#drawnAt = -Infinity;
    this.tick(this.#clock.now());
  }

  /** A card out of sight does not draw. */
  setVisible(visible) {
    this.#visible = visible;
    if (visible) this.tick(this.#clock.now());
  }

  tick(now) {
    this.#showAge(now);
    this.#showExtremes();
    const pause = Math.min(slowestRedraw, this.#buffer.width);
    if (!this.#visible || now - this.#drawnAt < pause) return;
    this.#drawnAt = now;
    this.#buffer.trim(now);
    this.#draw(now);
  }

  restyle() {
    this.#chart?.view?.restyle();
    this.#drawnAt = -Infinity;
    this.tick(this.#clock.now());
  }

  stop() {
    this.#fetching.abort();
    this.#chart?.view?.destroy();
  }

  #insert(time, value) {
    const number = numberOf(value);
    if (number === null) this.#log.insert(time, value);
    else this.#buffer.insert(time, number);
  }

  #showAge(now) {
    const { age: text, value } = this.#parts;
    const old = this.#newest ? now - this.#newest.time : null;
    this.#stale = old === null || isStale(old, this.#buffer.usualInterval());
    text.textContent = old === null ? "No value yet" : age(old);
    text.classList.toggle("stale", this.#stale && old !== null);
    text.classList.toggle("fresh", !this.#stale);
    value.classList.toggle("stale", this.#stale);
  }

  #showExtremes() {
    const extremes = this.#buffer.extremes();
    this.#parts.extremes.textContent = extremes === null ? "" : `low ${extremes.low} · high ${extremes.high}`;
  }

  #draw(now) {
    const extremes = this.#buffer.extremes();
    const words = extremes === null && this.#log.entries.length > 0;
    this.#parts.canvas.hidden = words;
    this.#parts.log.hidden = !words;
    this.#parts.note.textContent = this.#note(extremes, words);
    this.#parts.canvas.setAttribute("aria-label", this.#description(extremes));
    if (words) this.#showLog();
    else if (this.#chart && this.element.isConnected) {
      this.#chart.view ??= new ChartView(this.#chart.library, this.#parts.canvas);
      this.#chart.view.show(this.#buffer, now);
    }
  }

  #note(extremes, words) {
    if (this.#problem) return `History is missing. ${this.#problem}`;
    if (words) return "";
    if (!this.#chart) return "No chart: the hub finds no Chart.js. Install the package libjs-chart.js there.";
    if (extremes !== null) return "";
    return this.#loaded ? "No values in this range" : "Loading…";
  }

  #description(extremes) {
    if (extremes === null) return `Chart of ${this.#device.name}: no values`;
    return `Chart of ${this.#device.name}: lowest ${extremes.low}, highest ${extremes.high}`;
  }

  #showLog() {
    this.#parts.log.replaceChildren(...this.#log.entries.map(({ at, value }) =>
      element("li", {}, element("time", { class: "mono" }, clockLabel(at, true)), element("span", {}, value))));
  }
}
