import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeState } from "../../Sources/Hub/Pages/live/stream-state.js";

const said = {
  type: "state", name: "Wind gauge", signal: "sine:2s", rate: 10, running: true, signals: ["uniform", "sine:2s"], mostRate: 1000, made: 7,
  link: { path: "/remote/5#watch.5.1.x", expiresAt: "2026-01-31T12:00:00Z" },
  clients: [{ id: "ann", state: "direct", sent: 5, skipped: 1 }],
};

test("what a program says of its stream is read as it is", () => {
  const { type, ...state } = said;
  assert.deepEqual(decodeState(said), state);
});

test("what a real unit's base leaves out is not known", () => {
  assert.deepEqual(decodeState({ type: "state", name: "unit", running: false, signals: [], made: 0, clients: [] }), {
    name: "unit", signal: null, rate: null, running: false, signals: [], mostRate: null, made: 0, link: null, clients: [],
  });
});

test("anything else is no state, and what is not understood in one is left out", () => {
  for (const other of [null, undefined, 5, "state", [], {}, { type: "pong" }]) assert.equal(decodeState(other), null);
  assert.deepEqual(
    decodeState({
      type: "state", name: 5, signal: {}, rate: -1, running: "yes", signals: "uniform", mostRate: "1", made: NaN, link: "/remote/5",
      clients: [null, { id: "ann" }, { id: 5, state: "direct" }, { id: "bob", state: "constructor" }, { id: "eve", state: "gone", sent: -1 }],
    }),
    {
      name: "", signal: null, rate: null, running: false, signals: [], mostRate: null, made: 0, link: null,
      clients: [{ id: "eve", state: "gone", sent: 0, skipped: 0 }],
    });
});

test("a link is a path of this hub, and never breaks the page", () => {
  const paths = ["//evil", "//[", "/\t/evil", "/\n/[", "/\\[", "http://[", "javascript:alert(1)", "remote/5", "", 5];
  for (const path of paths) assert.equal(decodeState({ ...said, link: { path, expiresAt: "soon" } }).link, null, String(path));
  assert.equal(decodeState({ ...said, link: { path: "/remote/5", expiresAt: 5 } }).link, null);
});
