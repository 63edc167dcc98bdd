import assert from "node:assert/strict";
import { test } from "node:test";
import { described, suggested } from "../../Sources/Hub/Pages/found-unit.js";

const at = "2026-01-31T12:00:00.000Z";
const now = Date.parse(at) + 4 * 60e3;

test("a unit with a name is called by it, and else by its kind", () => {
  assert.deepEqual(described({ ip: "10.0.0.1", kind: "updatable", by: "mdns", name: "Hall", at }, now), {
    title: "Hall", detail: "Lamp · announced itself 4 min ago",
  });
  assert.deepEqual(described({ ip: "10.0.0.1", kind: "read", by: "sweep", at }, now), {
    title: "Read unit", detail: "answered 4 min ago",
  });
});

test("a kind and a way that the page does not know are no reason to show nothing", () => {
  assert.deepEqual(described({ ip: "10.0.0.1", kind: "toaster", by: "letter", at }, now), {
    title: "Unit of unknown kind", detail: "4 min ago",
  });
});

test("the dialog starts with what is known", () => {
  assert.deepEqual(suggested({ ip: "10.0.0.1", kind: "updatable", by: "mdns", name: "Hall", at }), {
    name: "Hall", kind: "updatable", address: "10.0.0.1",
  });
  assert.deepEqual(suggested({ ip: "10.0.0.2", kind: "unknown", by: "sweep", at }), { name: "", kind: "read", address: "10.0.0.2" });
});
