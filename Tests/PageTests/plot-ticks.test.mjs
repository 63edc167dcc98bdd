import assert from "node:assert/strict";
import { test } from "node:test";
import { timeTicks, valueTicks } from "../../Sources/Hub/Pages/live/plot-ticks.js";

const noon = Date.UTC(2026, 0, 31, 12);
const labels = (ticks) => ticks.map(({ label }) => label);

test("values are marked at round numbers with the digits that they need, and zero has no sign", () => {
  assert.deepEqual(labels(valueTicks(-1.08, 1.08, 4)), ["-1", "0", "1"]);
  assert.deepEqual(labels(valueTicks(-1.08, 1.08, 5)), ["-1.0", "-0.5", "0.0", "0.5", "1.0"]);
  assert.deepEqual(labels(valueTicks(980, 1020, 4)), ["980", "990", "1000", "1010", "1020"]);
  assert.deepEqual(labels(valueTicks(0.0011, 0.0019, 4)), ["0.0012", "0.0014", "0.0016", "0.0018"]);
  assert.deepEqual(valueTicks(1, 1, 4), []);
  assert.deepEqual(valueTicks(NaN, 1, 4), []);
});

test("times are marked as the clock shows them there, with tenths where the marks are closer than a second", () => {
  assert.deepEqual(labels(timeTicks(noon, noon + 5000, 5, 0)), ["12:00:00", "12:00:01", "12:00:02", "12:00:03", "12:00:04", "12:00:05"]);
  assert.deepEqual(labels(timeTicks(noon + 50, noon + 350, 4, 0)), ["00:00.1", "00:00.2", "00:00.3"]);
  assert.deepEqual(labels(timeTicks(noon, noon + 600000, 2, 3600000)), ["13:00:00", "13:05:00", "13:10:00"]);
});
