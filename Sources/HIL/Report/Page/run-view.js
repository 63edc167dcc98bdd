// The run: how many cases came to what, and all of them.

class RunView {
  constructor(run) {
    Object.assign(this, { run, verdicts: new Set(), words: "" });
    this.rows = run.cases.map((one, number) => this.row(one, number));
    this.body = make("tbody");
    this.empty = make("p", { class: "empty", hidden: "" }, run.cases.length === 0 ? "This run had no cases." : "No case is like that.");
    const head = make("tr", {}, ...[["verdict", "Verdict"], ["name", "Case"], ["boards", "Boards"], ["time", "Time"], ["reason", "Why"]]
      .map(([name, text]) => make("th", { class: name, scope: "col" }, text)));
    this.root = make("article", {}, ...this.head(), this.tiles(),
      make("div", { class: "above-table" }, make("h2", {}, "Cases"), make("input", {
        class: "search", type: "search", placeholder: "Search the cases", "aria-label": "Search the cases",
        oninput: (event) => { this.words = event.target.value.toLowerCase(); this.filter(); },
      })),
      make("table", { class: "cases" }, make("thead", {}, head), this.body), this.empty);
    this.filter();
  }

  end() {}

  head() {
    const { run } = this;
    const facts = [["rig", run.rig], ["began", new Date(run.started).toLocaleString()], ["took", spell(run.duration)]];
    return [
      make("h1", { tabindex: "-1" }, this.title()),
      make("p", { class: "facts" }, ...facts.map(([name, value]) => make("span", {}, `${name} `, make("b", {}, value)))),
      make("p", { class: "command" }, make("code", {}, run.command.map(shellWord).join(" "))),
      ...run.warnings.map((text) => make("p", { class: "why infrastructure" }, text)),
    ];
  }

  /** The worst that there is, in words. */
  title() {
    const { cases } = this.run;
    const words = { failed: "failed", infrastructure: "could not be tested", interrupted: "interrupted",
      "not-run": "not run", flaky: "passed only when tried again", skipped: "skipped" };
    for (const [verdict, text] of Object.entries(words)) {
      const count = cases.filter((one) => one.verdict === verdict).length;
      if (count > 0) return `${count} of ${cases.length} ${cases.length === 1 ? "case" : "cases"} ${text}`;
    }
    return cases.length === 0 ? "No cases" : cases.length === 1 ? "The case passed" : `All ${cases.length} cases passed`;
  }

  tiles() {
    const tile = (verdict) => {
      const count = this.run.cases.filter((one) => one.verdict === verdict).length;
      const made = make("button", { type: "button", class: `tile ${verdict}`, "aria-pressed": "false" }, make("b", {}, String(count)),
        make("span", {}, VERDICTS[verdict].word));
      made.disabled = count === 0;
      made.addEventListener("click", () => {
        if (!this.verdicts.delete(verdict)) this.verdicts.add(verdict);
        made.setAttribute("aria-pressed", String(this.verdicts.has(verdict)));
        this.filter();
      });
      return made;
    };
    return make("div", { class: "tiles", role: "group", "aria-label": "Show only" },
      ...["failed", "infrastructure", "interrupted", "not-run", "flaky", "skipped", "passed"].map(tile)
        .filter((made) => !made.disabled || !/interrupted|not-run/.test(made.className)));
  }

  row(one, number) {
    const took = one.attempts.reduce((sum, attempt) => sum + attempt.duration, 0);
    const tries = one.attempts.length > 1 ? make("div", { class: "soft" }, `${one.attempts.length} attempts`) : null;
    return make("tr", {},
      make("td", { class: "verdict" }, badge(one.verdict)),
      make("td", { class: "name" }, make("a", { href: `#case=${number}` }, one.name), tries),
      make("td", { class: "boards" }, one.boards.map(([unit, board]) => (unit === board ? unit : `${unit}: ${board}`)).join(", ")),
      make("td", { class: "time" }, one.attempts.length > 0 ? spell(took) : ""),
      make("td", { class: "reason" }, ...(one.reason ? [make("div", { class: "clamp" }, one.reason)] : [])));
  }

  filter() {
    const seen = this.run.cases.flatMap((one, number) => {
      const wanted = this.verdicts.size === 0 || this.verdicts.has(one.verdict);
      return wanted && (!this.words || one.name.toLowerCase().includes(this.words)) ? [this.rows[number]] : [];
    });
    this.body.replaceChildren(...seen);
    this.empty.hidden = seen.length > 0;
  }
}
