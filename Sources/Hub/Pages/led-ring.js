/** The lamp as it is built: twelve pixels on a black ring, all in one colour. */
import { vector } from "./element.js";
import { luminance } from "./colour.js";

const pixels = 12;

export class LedRing {
  element;

  constructor() {
    const circles = Array.from({ length: pixels }, (_, index) => {
      const angle = (index / pixels) * 2 * Math.PI - Math.PI / 2;
      return vector("circle", { class: "pixel", cx: 60 + 40 * Math.cos(angle), cy: 60 + 40 * Math.sin(angle), r: 5.2 });
    });
    this.element = vector(
      "svg",
      { class: "led-ring", viewBox: "0 0 120 120", role: "img", "aria-label": "Lamp" },
      vector("circle", { class: "ring-board", cx: 60, cy: 60, r: 40 }),
      vector("g", { class: "ring-glow" }, ...circles.map((circle) => circle.cloneNode())),
      vector("g", { class: "ring-pixels" }, ...circles),
    );
  }

  /** @param colour `#rrggbb`, or null while no colour is known. */
  show(colour) {
    const dark = colour === null || luminance(colour) < 0.002;
    this.element.classList.toggle("off", dark);
    this.element.style.setProperty("--led", dark ? "transparent" : colour);
    this.element.setAttribute("aria-label", colour === null ? "Lamp, colour unknown" : dark ? "Lamp, off" : `Lamp, ${colour}`);
  }
}
