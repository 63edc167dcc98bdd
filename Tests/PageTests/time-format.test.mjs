import assert from "node:assert/strict";
import { test } from "node:test";
import { age, clockTicks, isStale } from "../../Sources/Hub/Pages/time-format.js";

test("ages are words of one unit", () => {
  const ages = [-5000, 0, 1499, 3000, 59400, 60000, 3599000, 7200000, 86400000 * 3].map(age);
  assert.deepEqual(ages, ["just now", "just now", "just now", "3 s ago", "59 s ago", "1 min ago", "59 min ago", "2 h ago", "3 days ago"]);
});

test("a value is stale after five usual intervals, and never before ten seconds", () => {
  assert.deepEqual([isStale(9000, 1000), isStale(11000, 1000), isStale(200000, 60000), isStale(11000, null)], [false, true, false, true]);
});

test("ticks stand at round local times", () => {
  const start = Date.UTC(2026, 0, 31, 12, 0, 7);
  const { step, times } = clockTicks(start, start + 600000, 6, 0);
  assert.equal(step, 120000);
  assert.deepEqual(times.map((time) => new Date(time).toISOString().slice(11, 19)), ["12:02:00", "12:04:00", "12:06:00", "12:08:00", "12:10:00"]);
});

test("a zone of half hours moves the ticks with it", () => {
  const start = Date.UTC(2026, 0, 31, 12, 0);
  const { times } = clockTicks(start, start + 86400000, 4, 5.5 * 3600000);
  assert.deepEqual(times.map((time) => new Date(time).toISOString().slice(11, 16)), ["12:30", "18:30", "00:30", "06:30"]);
});

test("any range gives a bounded number of ticks", () => {
  for (const span of [0, 1, 60e3, 3600e3, 86400e3, 86400e3 * 400]) assert.ok(clockTicks(0, span, 5, 0).times.length <= 6);
});
