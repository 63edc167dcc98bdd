// Lanes on one clock, drawn on a canvas that stays in sight while its scroller moves: tens of thousands of entries cost one
// pass over those that are in sight.

const AXIS = 26;
const STEPS = 36;
const LANE = 26;
const NEAR = 9;
// Browsers lay out no more pixels than some 33 million; this leaves room, and is a pixel a millisecond for an hour.
const WIDEST = 4e6;

class Timeline {
  /** @param choose is called with the index of the entry that was clicked, or reached by a key. */
  constructor(attempt, { lanes, laneOf }, choose) {
    Object.assign(this, { attempt, lanes, laneOf, choose, chosen: -1, shown: lanes.map(() => true) });
    const last = Math.max(attempt.start + attempt.duration, ...attempt.times.slice(-1));
    this.begin = Math.min(attempt.start, ...attempt.times.slice(0, 1));
    this.length = Math.max(1000, last - this.begin);
    this.height = AXIS + STEPS + lanes.length * LANE + 6;
    this.zoom = 1;
    this.all = attempt.times.map((_, index) => index);
    this.build();
  }

  build() {
    const failed = this.attempt.steps.filter((step) => step.why).length;
    this.canvas = make("canvas", {
      tabindex: "0", role: "img",
      "aria-label": `Timeline: ${this.attempt.steps.length} steps, ${failed} of them wrong, and ${this.attempt.times.length} lines in `
        + `${this.lanes.length} lanes over ${spell(this.length)}. Left and right arrow go through the lines, plus and minus zoom.`,
    });
    this.inner = make("div", { class: "timeline-inner" }, this.canvas);
    this.scroller = make("div", { class: "scroller" }, this.inner);
    const label = (text, height, kind) => {
      const made = make("div", { class: `lane-label ${kind ? `kind-${kind}` : ""}`, title: text }, text);
      made.style.height = made.style.lineHeight = `${height}px`;
      return made;
    };
    const labels = make("div", { class: "lane-labels" }, label("seconds", AXIS), label("steps", STEPS),
      ...this.lanes.map((lane) => label(lane.label, LANE, lane.kind)));
    labels.children[0].classList.add("soft");
    this.tip = make("div", { class: "tip", hidden: "" });
    this.root = make("div", { class: "timeline panel" }, labels, this.scroller, this.tip);
    this.scroller.addEventListener("scroll", () => this.later());
    this.listen();
    this.watcher = new ResizeObserver(() => this.resize());
    this.watcher.observe(this.scroller);
  }

  end() { this.watcher.disconnect(); }

  get width() { return this.scroller.clientWidth; }
  get scale() { return (this.inner.offsetWidth - 16) / this.length; }
  x(time) { return 8 + (time - this.begin) * this.scale - this.scroller.scrollLeft; }
  time(x) { return this.begin + (x + this.scroller.scrollLeft - 8) / this.scale; }

  resize() {
    this.inner.style.width = `${Math.round(this.width * this.zoom)}px`;
    this.inner.style.height = `${this.height}px`;
    const ratio = devicePixelRatio || 1;
    this.canvas.width = Math.round(this.width * ratio);
    this.canvas.height = Math.round(this.height * ratio);
    this.canvas.style.width = `${this.width}px`;
    this.canvas.style.height = `${this.height}px`;
    this.draw();
  }

  /** Shows more or less; what is under `x` stays there. */
  zoomBy(factor, x = this.width / 2) {
    const time = this.time(x);
    this.zoom = Math.min(Math.max(1, this.zoom * factor), Math.max(1, WIDEST / this.width));
    this.resize();
    this.scroller.scrollLeft = 8 + (time - this.begin) * this.scale - x;
    this.draw();
  }

  whole() {
    this.zoom = 1;
    this.resize();
  }

  later() {
    this.frame ??= requestAnimationFrame(() => { this.frame = null; this.draw(); });
  }

  /** Moves so that the entry is in sight. */
  show(index) {
    this.chosen = index;
    const x = index < 0 ? 0 : this.x(this.attempt.times[index]);
    if (index >= 0 && (x < 0 || x > this.width)) this.scroller.scrollLeft += x - this.width / 2;
    this.draw();
  }

  listen() {
    let grip = null;
    this.canvas.addEventListener("wheel", (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      this.zoomBy(Math.exp(-event.deltaY / 200), event.offsetX);
    }, { passive: false });
    this.canvas.addEventListener("pointerdown", (event) => {
      if (event.pointerType !== "mouse" || event.button !== 0) return;
      grip = { x: event.clientX, left: this.scroller.scrollLeft };
      this.canvas.setPointerCapture(event.pointerId);
    });
    this.canvas.addEventListener("pointermove", (event) => {
      if (!grip) return this.hover(event);
      this.canvas.classList.add("dragged");
      this.scroller.scrollLeft = grip.left + grip.x - event.clientX;
    });
    for (const name of ["pointerup", "pointercancel"]) {
      this.canvas.addEventListener(name, () => { grip = null; this.canvas.classList.remove("dragged"); });
    }
    this.canvas.addEventListener("pointerleave", () => { this.tip.hidden = true; });
    this.canvas.addEventListener("click", (event) => {
      const found = this.at(event.offsetX, event.offsetY);
      if (found && found.index !== undefined) this.choose(found.index);
      this.hover(event);
    });
    this.canvas.addEventListener("dblclick", (event) => this.zoomBy(3, event.offsetX));
    this.canvas.addEventListener("blur", () => { this.tip.hidden = true; });
    this.canvas.addEventListener("keydown", (event) => this.key(event));
  }

  key(event) {
    const seen = this.all.filter((index) => this.shown[this.laneOf[index]]);
    const here = seen.indexOf(this.chosen);
    const next = { ArrowRight: here + 1, ArrowLeft: here - 1, Home: 0, End: seen.length - 1 }[event.key];
    if (next !== undefined) {
      event.preventDefault();
      const index = seen[Math.min(Math.max(0, next), seen.length - 1)];
      if (index === undefined) return;
      this.choose(index);
      const box = this.canvas.getBoundingClientRect();
      this.say({ index }, box.left + this.x(this.attempt.times[index]), box.top + this.laneTop(this.laneOf[index]));
    } else if (event.key === "+" || event.key === "=") this.zoomBy(1.6);
    else if (event.key === "-") this.zoomBy(1 / 1.6);
    else if (event.key === "0") this.whole();
  }

  laneTop(lane) { return AXIS + STEPS + lane * LANE; }

  /** What is there: a step, or the entry that is nearest in the lane, with how many more share its place. */
  at(x, y) {
    const { times, steps } = this.attempt;
    if (y >= AXIS && y < AXIS + STEPS) {
      const step = steps.find((each) => each.outcome !== "not-run"
        && x >= this.x(each.start) - 2 && x <= Math.max(this.x(each.start + each.duration), this.x(each.start) + 4));
      return step && { step };
    }
    const lane = Math.floor((y - AXIS - STEPS) / LANE);
    if (lane < 0 || lane >= this.lanes.length || !this.shown[lane]) return null;
    const order = this.lanes[lane].entries;
    let found = null;
    const first = firstFrom(order, times, this.time(x - NEAR));
    for (let place = first; place < order.length; place += 1) {
      const distance = Math.abs(this.x(times[order[place]]) - x);
      if (this.x(times[order[place]]) > x + NEAR) break;
      const rank = this.rank(order[place]);
      // A failure is not hidden by the lines around it.
      if (!found || rank > found.rank || (rank === found.rank && distance < found.distance)) {
        found = { index: order[place], distance, rank };
      }
    }
    if (!found) return null;
    const place = this.x(times[found.index]);
    const from = firstFrom(order, times, this.time(place - 1));
    return { index: found.index, more: firstFrom(order, times, this.time(place + 1)) - from - 1 };
  }

  rank(index) { return { f: 2, w: 1 }[this.attempt.weights[index]] ?? 0; }

  hover(event) {
    const found = this.at(event.offsetX, event.offsetY);
    if (!found) this.tip.hidden = true;
    else this.say(found, event.clientX, event.clientY);
  }

  say({ step, index, more }, x, y) {
    const head = step
      ? `${stamp(step.start)} s, ${spell(step.duration)}, line ${step.line}: ${VERDICTS[step.outcome].word}`
      : `${stamp(this.attempt.times[index])} s, ${this.lanes[this.laneOf[index]].label}${more > 0 ? `, and ${more} more here` : ""}`;
    const text = step ? step.text + (step.why ? `\n${step.why}` : "") : this.attempt.texts[index];
    this.tip.replaceChildren(make("div", { class: "soft" }, head), make("div", { class: "clamp" }, text));
    this.tip.hidden = false;
    const box = this.tip.getBoundingClientRect();
    this.tip.style.left = `${Math.max(12, Math.min(x + 14, innerWidth - box.width - 12))}px`;
    this.tip.style.top = `${y + 18 + box.height > innerHeight ? y - box.height - 12 : y + 18}px`;
  }
}
