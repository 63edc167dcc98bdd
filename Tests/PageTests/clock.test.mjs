import assert from "node:assert/strict";
import { test } from "node:test";
import { HubClock } from "../../Sources/Hub/Pages/clock.js";

const noon = Date.UTC(2026, 0, 31, 12);

test("a page's clock that is about right is trusted", () => {
  const clock = new HubClock(() => noon + 1200);
  clock.observe(new Date(noon).toUTCString());
  assert.equal(clock.now(), noon + 1200);
});

test("a page's clock that is wrong is corrected, and a missing header changes nothing", () => {
  const clock = new HubClock(() => noon - 3600000);
  clock.observe(new Date(noon).toUTCString());
  clock.observe(null);
  assert.equal(clock.now(), noon + 500);
});
