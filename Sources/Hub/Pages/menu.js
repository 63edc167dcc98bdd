/**
 * A button that discloses a few actions. Closes on Escape, on a choice and when the focus leaves.
 */
import { element, uniqueID } from "./element.js";
import { icon } from "./icons.js";

/**
 * @param label The button's name for screen readers.
 * @param items A function that gives, each time it opens, `{text, action, danger}` in order.
 */
export function menu(label, items) {
  const id = uniqueID("menu");
  const list = element("div", { class: "menu-list", id, hidden: true });
  const button = element(
    "button",
    { type: "button", class: "quiet icon-button", "aria-label": label, "aria-expanded": "false", "aria-controls": id, onclick: toggle },
    icon("more"),
  );
  const root = element("div", { class: "menu", onkeydown: pressed, onfocusout: left }, button, list);
  return root;

  function toggle() {
    if (list.hidden) open();
    else close();
  }

  function open() {
    list.replaceChildren(...items().map(({ text, action, danger }) =>
      element("button", { type: "button", class: danger ? "menu-item danger" : "menu-item", onclick: () => choose(action) }, text)));
    list.hidden = false;
    button.setAttribute("aria-expanded", "true");
    document.addEventListener("pointerdown", outside);
  }

  function close() {
    list.hidden = true;
    button.setAttribute("aria-expanded", "false");
    document.removeEventListener("pointerdown", outside);
  }

  function choose(action) {
    button.focus();
    close();
    action();
  }

  function pressed(event) {
    if (event.key === "Escape" && !list.hidden) {
      close();
      button.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (list.hidden) open();
    const buttons = [...list.children];
    const next = buttons.indexOf(document.activeElement) + step;
    buttons.at(next < 0 ? -1 : next % buttons.length).focus();
  }

  function left(event) {
    if (event.relatedTarget && !root.contains(event.relatedTarget)) close();
  }

  function outside(event) {
    if (!root.contains(event.target)) close();
  }
}
