// One case: why it came out so, its steps, the timeline and the lines of one attempt.

class CaseView {
  constructor(run, number, attempt) {
    Object.assign(this, { run, number, one: run.cases[number], parts: [] });
    this.root = make("article", { class: "case" });
    this.chosen = Math.min(attempt ?? Infinity, this.one.attempts.length - 1);
    this.root.append(...this.head(), this.body = make("div"));
    this.fill();
  }

  end() { for (const part of this.parts) part.end(); }

  head() {
    const { one, number, run } = this;
    const facts = [["file", one.file], ...one.boards.map(([unit, board]) => [unit, board]),
      ...one.variables.map(([name, value]) => [name, value])];
    const link = (to, text) => (run.cases[to] ? make("a", { href: `#case=${to}`, class: "back" }, text) : null);
    return [
      make("nav", { class: "neighbours", "aria-label": "Cases" }, make("a", { href: "#", class: "back" }, "All cases"),
        make("span", {}, link(number - 1, "← Previous"), link(number + 1, "Next →"))),
      make("div", { class: "heading" }, make("h1", { tabindex: "-1" }, one.name), badge(one.verdict)),
      make("p", { class: "facts" }, ...facts.map(([name, value]) => make("span", {}, `${name} `, make("b", {}, value)))),
      one.reason ? make("p", { class: `why ${one.verdict}` }, one.reason) : null,
    ].filter(Boolean);
  }

  fill() {
    this.end();
    this.parts = [];
    const attempt = this.one.attempts[this.chosen];
    if (!attempt) {
      this.body.replaceChildren(make("p", { class: "note-line" }, "Nothing was run, so there is nothing more to show."));
      return;
    }
    const why = attempt.reason && attempt.reason !== this.one.reason
      ? [make("p", { class: `why ${attempt.verdict}` }, attempt.reason)] : [];
    this.body.replaceChildren(...this.choice(), ...why, make("h2", {}, "Steps"), this.steps(attempt), ...this.timeline(attempt));
    if (attempt.transcripts.length > 0) {
      this.body.append(make("h2", {}, "Transcripts"), make("ul", { class: "transcripts" }, ...attempt.transcripts.map((path) =>
        make("li", {}, make("a", { class: "mono", href: `./${path.split("/").map(encodeURIComponent).join("/")}` }, path)))));
    }
  }

  /** Which attempt, where there was more than one. */
  choice() {
    if (this.one.attempts.length < 2) return [];
    return [make("div", { class: "attempts", role: "group", "aria-label": "Attempt" }, ...this.one.attempts.map((attempt, index) => {
      const button = make("button", {
        type: "button", "aria-pressed": String(index === this.chosen), onclick: () => { this.chosen = index; this.fill(); },
      }, `Attempt ${index + 1}: ${VERDICTS[attempt.verdict].word}`);
      return button;
    }))];
  }

  steps(attempt) {
    return make("ol", { class: "steps panel" }, ...attempt.steps.map((step) => {
      const { glyph, word } = VERDICTS[step.outcome];
      return make("li", { class: step.outcome },
        make("span", { class: "glyph", "aria-hidden": "true" }, glyph),
        make("span", { class: "what" }, step.text, make("span", { class: "visually-hidden" }, `, ${word}`)),
        make("span", { class: "when" }, step.outcome === "not-run" ? `line ${step.line}` : `line ${step.line} · ${spell(step.duration)}`),
        step.why ? make("span", { class: "step-why" }, step.why) : null);
    }));
  }

  timeline(attempt) {
    const lanes = lanesOf(attempt);
    const choose = (index) => { list.show(index); timeline.show(index); };
    const timeline = new Timeline(attempt, lanes, choose);
    const list = new EntryList(attempt, lanes, choose);
    this.parts = [timeline, list];
    const button = (text, label, act) => make("button", { type: "button", "aria-label": label, title: label, onclick: act }, text);
    const missing = [];
    if (attempt.leftOut > 0) missing.push(`${attempt.leftOut} lines were more than the journal keeps.`);
    if (attempt.omitted > 0) missing.push(`${attempt.omitted} lines are in the transcripts only.`);
    return [
      make("h2", {}, "Timeline"),
      make("div", { class: "tools" }, button("+", "Zoom in", () => timeline.zoomBy(1.6)), button("−", "Zoom out", () => timeline.zoomBy(1 / 1.6)),
        button("Whole", "Show all of it", () => timeline.whole()), ...this.toFailure(attempt, timeline, choose),
        make("span", { class: "hint" }, "Ctrl and wheel zoom, dragging moves, ← and → go from line to line")),
      timeline.root,
      make("h2", {}, "Lines"),
      make("div", { class: "filters" }, ...this.chips(lanes, timeline, list),
        make("input", { class: "search", type: "search", placeholder: "Search the lines", "aria-label": "Search the lines",
          oninput: (event) => { list.words = event.target.value; list.filter(); } }), list.count),
      make("div", { class: "panel" }, list.box, list.line),
      ...missing.map((text) => make("p", { class: "note-line" }, text)),
    ];
  }

  toFailure(attempt, timeline, choose) {
    const index = attempt.weights.indexOf("f");
    if (index < 0) return [];
    return [make("button", { type: "button", onclick: () => {
      choose(index);
      timeline.zoomBy(Math.max(1, timeline.length / 2e6 / timeline.zoom), timeline.x(attempt.times[index]));
      timeline.show(index);
    } }, "Go to the failure")];
  }

  chips({ lanes }, timeline, list) {
    return lanes.map((lane, number) => {
      const chip = make("button", { type: "button", class: `chip kind-${lane.kind}`, "aria-pressed": "true" }, lane.label);
      chip.addEventListener("click", () => {
        const shown = !list.shown[number];
        list.shown[number] = timeline.shown[number] = shown;
        chip.setAttribute("aria-pressed", String(shown));
        list.filter();
        timeline.draw();
      });
      return chip;
    });
  }
}
