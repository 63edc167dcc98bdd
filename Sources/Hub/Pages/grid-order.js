/**
 * Lets the user reorder a grid's cards: by dragging a card's grip with mouse, pen or finger, or with the arrow keys
 * while the grip has the focus. The order itself is decided by order.js.
 */
import { announce } from "./announcer.js";
import { moved, positionAfterKey, sameOrder } from "./order.js";

const calm = matchMedia("(prefers-reduced-motion: reduce)");
/** How close to the window's edge a drag scrolls, and how far a frame (pixels). */
const scrollZone = 70;
const scrollStep = 12;

export class GridOrder {
  #grid;
  #order;
  #onOrder;
  #cards = new Map();
  #drag = null;

  /**
   * @param grid The element that holds the cards.
   * @param order Gives the ids in their present order.
   * @param onOrder Told an order that the user has made.
   */
  constructor({ grid, order, onOrder }) {
    this.#grid = grid;
    this.#order = order;
    this.#onOrder = onOrder;
  }

  /** Makes a card movable: `card.element`, `card.grip`, `card.name`. */
  add(id, card) {
    this.#cards.set(id, card);
    card.grip.addEventListener("pointerdown", (event) => this.#start(event, id));
    card.grip.addEventListener("pointermove", (event) => this.#move(event));
    card.grip.addEventListener("pointerup", () => this.#end(true));
    card.grip.addEventListener("pointercancel", () => this.#end(false));
    card.grip.addEventListener("keydown", (event) => this.#pressed(event, id));
  }

  remove(id) {
    if (this.#drag?.id === id) this.#end(false);
    this.#cards.get(id)?.element.remove();
    this.#cards.delete(id);
  }

  /** Puts the cards into the present order; the focus stays where it is. */
  arrange() {
    if (this.#drag) return;
    const wanted = this.#order().map((id) => this.#cards.get(id)?.element).filter(Boolean);
    if (wanted.every((card, index) => this.#grid.children[index] === card)) return;
    const focused = document.activeElement;
    this.#slide(() => this.#grid.append(...wanted));
    if (focused !== document.activeElement) focused.focus({ preventScroll: true });
  }

  #pressed(event, id) {
    if (event.key === "Escape" && this.#drag) {
      this.#end(false);
      return;
    }
    const order = this.#order();
    const position = positionAfterKey(event.key, order.indexOf(id), order.length);
    if (position === null || this.#drag) return;
    event.preventDefault();
    const next = moved(order, id, position);
    if (!sameOrder(next, order)) this.#onOrder(next);
    this.#cards.get(id).element.scrollIntoView({ block: "nearest" });
    announce(`${this.#cards.get(id).name}, position ${position + 1} of ${order.length}`);
  }

  #start(event, id) {
    if (event.button !== 0 || this.#drag) return;
    event.preventDefault();
    const { element, grip } = this.#cards.get(id);
    grip.focus({ preventScroll: true });
    grip.setPointerCapture(event.pointerId);
    const order = this.#order();
    const box = element.getBoundingClientRect();
    this.#drag = {
      id, order, element, started: order,
      slots: order.map((other) => pageBox(this.#cards.get(other).element)),
      grab: { x: event.clientX - box.left, y: event.clientY - box.top },
      pointer: { x: event.clientX, y: event.clientY },
    };
    element.classList.add("dragged");
    this.#grid.classList.add("dragging");
    this.#follow();
  }

  #move(event) {
    if (!this.#drag) return;
    this.#drag.pointer = { x: event.clientX, y: event.clientY };
    this.#place();
  }

  /** Scrolls the page while the pointer is near its edge. */
  #follow() {
    const drag = this.#drag;
    if (!drag) return;
    const { y } = drag.pointer;
    const step = y < scrollZone ? -scrollStep : y > innerHeight - scrollZone ? scrollStep : 0;
    if (step !== 0) {
      scrollBy(0, step);
      this.#place();
    }
    requestAnimationFrame(() => {
      if (this.#drag === drag) this.#follow();
    });
  }

  /** Keeps the card under the pointer and gives it the slot that the pointer is in. */
  #place() {
    const drag = this.#drag;
    const { x, y } = { x: drag.pointer.x + scrollX, y: drag.pointer.y + scrollY };
    const slot = drag.slots.findIndex((box) => x >= box.left && x <= box.right && y >= box.top && y <= box.bottom);
    const next = slot < 0 ? drag.order : moved(drag.started, drag.id, slot);
    if (!sameOrder(next, drag.order)) {
      drag.order = next;
      this.#slide(() => next.forEach((id, index) => {
        this.#cards.get(id).element.style.order = String(index);
      }), drag.element);
    }
    drag.element.style.transform = "none";
    const box = drag.element.getBoundingClientRect();
    const left = drag.pointer.x - drag.grab.x - box.left;
    const top = drag.pointer.y - drag.grab.y - box.top;
    drag.element.style.transform = `translate(${left}px, ${top}px)`;
  }

  #end(keep) {
    const drag = this.#drag;
    if (!drag) return;
    this.#drag = null;
    drag.element.classList.remove("dragged");
    this.#grid.classList.remove("dragging");
    drag.element.style.transform = "";
    for (const { element } of this.#cards.values()) element.style.order = "";
    if (keep && !sameOrder(drag.order, drag.started)) {
      this.#onOrder(drag.order);
      const { name } = this.#cards.get(drag.id);
      announce(`${name}, position ${drag.order.indexOf(drag.id) + 1} of ${drag.order.length}`);
    } else {
      this.arrange();
    }
  }

  /** Makes a change of layout and lets the cards glide from where they were, except `still`. */
  #slide(change, still = null) {
    const elements = [...this.#cards.values()].map((card) => card.element).filter((element) => element !== still);
    const before = elements.map((element) => element.getBoundingClientRect());
    change();
    if (calm.matches) return;
    elements.forEach((element, index) => {
      const after = element.getBoundingClientRect();
      const left = before[index].left - after.left;
      const top = before[index].top - after.top;
      if (left === 0 && top === 0) return;
      element.animate([{ transform: `translate(${left}px, ${top}px)` }, { transform: "none" }], { duration: 180, easing: "ease-out" });
    });
  }
}

function pageBox(element) {
  const { left, right, top, bottom } = element.getBoundingClientRect();
  return { left: left + scrollX, right: right + scrollX, top: top + scrollY, bottom: bottom + scrollY };
}
