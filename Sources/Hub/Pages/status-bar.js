/** Two lines of truth in the header: does the page reach the hub, does the hub have a base. */
import { element } from "./element.js";
import { age } from "./time-format.js";

export class StatusBar {
  element;
  #hub = pill("Hub");
  #base = pill("Base");
  #baseState = null;

  constructor() {
    this.element = element("div", { class: "status-bar", role: "group", "aria-label": "Connections" }, this.#hub.element, this.#base.element);
    this.showHub("connecting");
    this.showBase(null, 0);
  }

  /** @param phase Of the ChannelsConnection. */
  showHub(phase) {
    const live = phase === "live";
    this.#hub.show(live ? "good" : phase === "connecting" ? "pending" : "bad", live ? "live" : phase === "connecting" ? "connecting…" : "unreachable");
  }

  /** @param state As GET /api/base gives it, null while unknown; `now` is the time at the hub. */
  showBase(state, now) {
    this.#baseState = state;
    if (state === null) this.#base.show("pending", "unknown");
    else if (!state.connected) this.#base.show("bad", "not connected");
    else this.tick(now);
  }

  tick(now) {
    const state = this.#baseState;
    if (!state?.connected) return;
    const last = state.lastMeasurementAt ? `last value ${age(now - Date.parse(state.lastMeasurementAt))}` : "no value yet";
    this.#base.show("good", "connected", last);
  }
}

function pill(label) {
  const word = element("span", { class: "pill-word" });
  const detail = element("span", { class: "pill-detail" });
  const root = element(
    "p",
    { class: "pill", "data-pill": label.toLowerCase() },
    element("span", { class: "pill-dot", "aria-hidden": "true" }),
    element("span", { class: "pill-label" }, label),
    word,
    detail,
  );
  return {
    element: root,
    show(mood, text, more = "") {
      root.dataset.mood = mood;
      word.textContent = text;
      detail.textContent = more;
    },
  };
}
