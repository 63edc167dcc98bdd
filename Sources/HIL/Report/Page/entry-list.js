// All lines as text: only the rows in sight are in the page.

const ROW = 24;
const ROW_ON_A_PHONE = 44;
const SPARE = 10;

class EntryList {
  /** @param choose is called with the index of an entry that was clicked, or reached by a key. */
  constructor(attempt, { lanes, laneOf }, choose) {
    Object.assign(this, { attempt, lanes, laneOf, choose, chosen: -1, words: "", shown: lanes.map(() => true) });
    this.narrow = matchMedia("(max-width: 720px)");
    this.inner = make("div", { class: "entries-inner" });
    this.box = make("div", { class: "entries", tabindex: "0", role: "listbox", "aria-label": "Lines" }, this.inner);
    this.count = make("span", { class: "soft", role: "status" });
    this.line = make("div", { class: "chosen-line", "aria-live": "polite" });
    this.box.addEventListener("scroll", () => this.later());
    this.box.addEventListener("keydown", (event) => this.key(event));
    this.turned = () => this.filter();
    this.narrow.addEventListener("change", this.turned);
    this.watcher = new ResizeObserver(() => this.draw());
    this.watcher.observe(this.box);
    this.filter();
    this.tell();
  }

  end() {
    this.watcher.disconnect();
    this.narrow.removeEventListener("change", this.turned);
  }

  get row() { return this.narrow.matches ? ROW_ON_A_PHONE : ROW; }

  filter() {
    const words = this.words.toLowerCase();
    this.order = [];
    for (let index = 0; index < this.attempt.times.length; index += 1) {
      if (!this.shown[this.laneOf[index]]) continue;
      if (words && !this.attempt.texts[index].toLowerCase().includes(words)) continue;
      this.order.push(index);
    }
    this.inner.style.height = `${this.order.length * this.row}px`;
    this.count.textContent = this.order.length === this.attempt.times.length
      ? `${this.order.length} lines` : `${this.order.length} of ${this.attempt.times.length} lines`;
    this.draw();
  }

  later() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  draw() {
    const first = Math.max(0, Math.floor(this.box.scrollTop / this.row) - SPARE);
    const last = Math.min(this.order.length, Math.ceil((this.box.scrollTop + this.box.clientHeight) / this.row) + SPARE);
    const rows = [];
    for (let place = first; place < last; place += 1) rows.push(this.made(place));
    this.inner.replaceChildren(...rows);
    const place = this.order.indexOf(this.chosen);
    if (place >= first && place < last) this.box.setAttribute("aria-activedescendant", `entry-${this.chosen}`);
    else this.box.removeAttribute("aria-activedescendant");
  }

  made(place) {
    const index = this.order[place];
    const lane = this.lanes[this.laneOf[index]];
    const row = make("div", {
      class: `entry kind-${lane.kind} ${WEIGHTS[this.attempt.weights[index]]}${index === this.chosen ? " chosen" : ""}`,
      id: `entry-${index}`, role: "option", "aria-selected": String(index === this.chosen),
      "aria-setsize": this.order.length, "aria-posinset": place + 1, onclick: () => this.choose(index),
    },
    make("span", { class: "entry-time" }, stamp(this.attempt.times[index])),
    make("span", { class: "entry-lane" }, lane.label),
    make("span", { class: "entry-text" }, this.attempt.texts[index]));
    row.style.top = `${place * this.row}px`;
    return row;
  }

  /** Moves so that the entry is in sight, where the filters let it be. */
  show(index) {
    this.chosen = index;
    const place = this.order.indexOf(index);
    if (place >= 0) {
      const top = place * this.row;
      const { scrollTop, clientHeight } = this.box;
      if (top < scrollTop || top + this.row > scrollTop + clientHeight) this.box.scrollTop = top - clientHeight / 2;
    }
    this.tell();
    this.draw();
  }

  tell() {
    if (this.chosen < 0) {
      this.line.replaceChildren(make("span", { class: "soft" }, "Choose a line, here or in the timeline, to read all of it."));
      return;
    }
    const lane = this.lanes[this.laneOf[this.chosen]];
    this.line.replaceChildren(
      make("span", { class: "soft" }, `${stamp(this.attempt.times[this.chosen])} s, ${lane.label}: `),
      make("code", {}, this.attempt.texts[this.chosen]));
  }

  key(event) {
    const here = this.order.indexOf(this.chosen);
    const page = Math.max(1, Math.floor(this.box.clientHeight / this.row) - 1);
    const next = {
      ArrowDown: here + 1, ArrowUp: here - 1, PageDown: here + page, PageUp: here - page, Home: 0, End: this.order.length - 1,
    }[event.key];
    if (next === undefined || this.order.length === 0) return;
    event.preventDefault();
    this.choose(this.order[Math.min(Math.max(0, next), this.order.length - 1)]);
  }
}
