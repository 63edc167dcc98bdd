// What the report holds, and how it is said. All times are in microseconds since the run's start.

const VERDICTS = {
  failed: { glyph: "✕", word: "failed" },
  infrastructure: { glyph: "!", word: "infrastructure" },
  flaky: { glyph: "↻", word: "flaky" },
  skipped: { glyph: "–", word: "skipped" },
  passed: { glyph: "✓", word: "passed" },
  interrupted: { glyph: "■", word: "interrupted" },
  "not-run": { glyph: "·", word: "not run" },
};
const KINDS = ["runner", "network", "power", "serial", "unit", "base", "hub"];
const WEIGHTS = { l: "line", s: "step", n: "note", w: "warning", f: "failure" };
// More lanes than these would not be seen at once: then each kind has one.
const MOST_LANES = 14;

/** A word of a command line as a shell takes it. */
function shellWord(word) {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}

/** An element; what is given as a string only ever becomes text. */
function make(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function badge(verdict) {
  const { glyph, word } = VERDICTS[verdict];
  return make("span", { class: `badge ${verdict}` }, make("span", { class: "glyph", "aria-hidden": "true" }, glyph), word);
}

/** Seconds with three digits, as in the transcripts. */
function stamp(micros) {
  return (Math.trunc(micros / 1000) / 1000).toFixed(3);
}

/** How long something took, for people. */
function spell(micros) {
  if (micros < 1e6) return `${Math.round(micros / 1000)} ms`;
  if (micros < 6e7) return `${(micros / 1e6).toFixed(1)} s`;
  const seconds = Math.round(micros / 1e6);
  const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
  return parts.filter(([count]) => count > 0).map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** The lanes of an attempt: one a source, or one a kind where those would be too many. Each entry's lane is `laneOf[index]`. */
function lanesOf(attempt) {
  const order = attempt.sources.map((source, index) => ({ source, index }));
  order.sort((a, b) => KINDS.indexOf(a.source[0]) - KINDS.indexOf(b.source[0])
    || (a.source[1] < b.source[1] ? -1 : a.source[1] > b.source[1] ? 1 : 0));
  const lanes = [];
  const place = new Map();
  const together = order.length > MOST_LANES;
  for (const { source: [kind, name], index } of order) {
    let lane = lanes.length - 1;
    if (!together || lane < 0 || lanes[lane].kind !== kind) {
      const plain = together || name === kind || name === "";
      lane = lanes.push({ kind, label: plain ? kind : `${kind} ${name}`, entries: [] }) - 1;
    }
    place.set(index, lane);
  }
  const laneOf = new Uint8Array(attempt.times.length);
  attempt.from.forEach((source, index) => {
    laneOf[index] = place.get(source);
    lanes[laneOf[index]].entries.push(index);
  });
  return { lanes, laneOf };
}

/** The first place in `order` (indices in order of their time) whose entry is not before `time`. */
function firstFrom(order, times, time) {
  let low = 0;
  let high = order.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[order[middle]] < time) low = middle + 1;
    else high = middle;
  }
  return low;
}
