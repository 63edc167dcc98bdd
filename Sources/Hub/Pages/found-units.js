/** The units that bases have found and nobody has added: a list that is there only while it has something to say. */
import { element, uniqueID } from "./element.js";
import { described } from "./found-unit.js";
import { icon } from "./icons.js";

/** So many are shown before the rest is asked for. */
const few = 4;

export class FoundUnits {
  element;
  #units = [];
  #rows = [];
  #showsAll = false;
  #count = element("span", { class: "count" });
  #list = element("ul", { class: "found-list" });
  #more = element("button", { type: "button", class: "quiet", onclick: () => this.#showAll() });
  #now;
  #onAdd;
  #onDismiss;

  /** @param now Gives the time at the hub; `onAdd` and `onDismiss` get a unit. */
  constructor({ now, onAdd, onDismiss }) {
    this.#now = now;
    this.#onAdd = onAdd;
    this.#onDismiss = onDismiss;
    const id = uniqueID("found");
    this.element = element(
      "section",
      { class: "found", hidden: true, "aria-labelledby": id },
      element("h2", { id }, "Found units ", this.#count),
      element(
        "p",
        { class: "hint" },
        "A base has found these in its network. Add those that are yours. A base sends colours to a lamp as soon as it is added; ",
        "for the values of a read unit, also list its address under ", element("code", {}, "clients"), " in the base’s ",
        element("code", {}, "config.json"), "."),
      this.#list,
      this.#more,
    );
  }

  /** @param units As GET /api/found-units gives them. */
  show(units) {
    this.#units = units;
    this.#arrange();
  }

  /** Shows ages anew. */
  tick() {
    for (const { unit, detail } of this.#rows) detail.textContent = described(unit, this.#now()).detail;
  }

  #showAll() {
    this.#showsAll = true;
    this.#arrange();
    this.#list.querySelectorAll(".found-unit")[few]?.querySelector("button")?.focus();
  }

  #arrange() {
    const shown = this.#showsAll ? this.#units : this.#units.slice(0, few);
    this.element.hidden = this.#units.length === 0;
    this.#count.textContent = String(this.#units.length);
    this.#more.hidden = shown.length === this.#units.length;
    this.#more.textContent = `Show all ${this.#units.length}`;
    this.#rows = shown.map((unit) => this.#kept(unit) ?? this.#row(unit));
    const roots = this.#rows.map(({ root }) => root);
    // What stays where it is keeps its focus, and a click that has begun on it.
    for (const root of [...this.#list.children]) if (!roots.includes(root)) root.remove();
    roots.forEach((root, place) => {
      if (this.#list.children[place] !== root) this.#list.insertBefore(root, this.#list.children[place] ?? null);
    });
  }

  /** The row that shows a unit already, if it looks the same but for its age. */
  #kept(unit) {
    const { title, detail: text } = described(unit, this.#now());
    const row = this.#rows.find((row) => row.unit.ip === unit.ip && row.title === title);
    if (!row) return undefined;
    row.unit = unit;
    row.detail.textContent = text;
    return row;
  }

  #row(unit) {
    const { title, detail: text } = described(unit, this.#now());
    const detail = element("span", { class: "found-detail" }, text);
    const name = `${title} at ${unit.ip}`;
    const row = { unit, title, detail };
    row.root = element(
      "li",
      { class: "found-unit", "data-ip": unit.ip },
      element(
        "div",
        { class: "found-text" },
        element("strong", {}, title), element("span", { class: "mono found-address" }, unit.ip), detail),
      element("button", { type: "button", class: "quiet", "aria-label": `Dismiss ${name}`, onclick: () => this.#onDismiss(row.unit) }, "Dismiss"),
      element("button", { type: "button", class: "secondary", "aria-label": `Add ${name}`, onclick: () => this.#onAdd(row.unit) }, icon("plus"), "Add"),
    );
    return row;
  }
}
