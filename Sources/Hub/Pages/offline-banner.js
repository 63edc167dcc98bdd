/** Says that the hub is gone, counts down to the next attempt, and lets the user try at once. */
import { element } from "./element.js";

export class OfflineBanner {
  element;
  #countdown = element("span", { "aria-hidden": "true" });
  #timer = null;

  /** @param retry What "Try now" does. */
  constructor(retry) {
    this.element = element(
      "div",
      { class: "banner", hidden: true },
      element("p", { role: "alert" }, element("strong", {}, "The hub is unreachable."), " What you see may be out of date. ", this.#countdown),
      element("button", { type: "button", class: "secondary", onclick: retry }, "Try now"),
    );
  }

  /** @param pause Milliseconds until the next attempt. */
  wait(pause) {
    this.element.hidden = false;
    const due = performance.now() + pause;
    this.#count(due);
    clearInterval(this.#timer);
    this.#timer = setInterval(() => this.#count(due), 500);
  }

  trying() {
    clearInterval(this.#timer);
    this.#countdown.textContent = "Trying again…";
  }

  hide() {
    clearInterval(this.#timer);
    this.element.hidden = true;
  }

  #count(due) {
    const seconds = Math.ceil((due - performance.now()) / 1000);
    this.#countdown.textContent = seconds > 0 ? `Trying again in ${seconds} s.` : "Trying again…";
  }
}
