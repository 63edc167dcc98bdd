/** Wheel, drag and pinch on a plot, and the arrow, plus and minus keys. */

export class PlotGestures {
  #canvas;
  #on;
  #pointers = new Map();

  /** @param on `zoom(factor, at)` with the place from 0 to 1, `drag(part of the width)`. */
  constructor(canvas, on) {
    this.#canvas = canvas;
    this.#on = on;
    canvas.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    canvas.addEventListener("pointerdown", (event) => this.#down(event));
    canvas.addEventListener("pointermove", (event) => this.#move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, ({ pointerId }) => this.#pointers.delete(pointerId));
    canvas.addEventListener("keydown", (event) => this.#key(event));
  }

  #wheel(event) {
    event.preventDefault();
    this.#on.zoom(Math.exp(Math.max(-1, Math.min(1, event.deltaY / 300))), this.#place(event.clientX));
  }

  #down(event) {
    this.#canvas.setPointerCapture(event.pointerId);
    this.#pointers.set(event.pointerId, event.clientX);
  }

  #move({ pointerId, clientX }) {
    const before = this.#pointers.get(pointerId);
    if (before === undefined) return;
    const places = [...this.#pointers.values()];
    this.#pointers.set(pointerId, clientX);
    if (places.length === 1) {
      this.#on.drag((clientX - before) / this.#canvas.clientWidth);
      return;
    }
    const distance = ([one, other]) => Math.max(10, Math.abs(one - other));
    const present = [...this.#pointers.values()];
    this.#on.zoom(distance(places) / distance(present), this.#place((present[0] + present[1]) / 2));
  }

  #key(event) {
    const actions = {
      ArrowLeft: () => this.#on.drag(0.1), ArrowRight: () => this.#on.drag(-0.1),
      "+": () => this.#on.zoom(0.8, 1), "-": () => this.#on.zoom(1.25, 1),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    actions[event.key]();
  }

  #place(clientX) {
    const box = this.#canvas.getBoundingClientRect();
    return Math.max(0, Math.min(1, (clientX - box.left) / box.width));
  }
}
