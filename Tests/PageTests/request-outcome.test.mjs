import assert from "node:assert/strict";
import { test } from "node:test";
import { outcomeOf } from "../../Sources/Hub/Pages/request-outcome.js";

test("nothing is said while nothing is known", () => {
  for (const request of [null, undefined, { result: "sent" }, { result: "of a later hub" }]) assert.equal(outcomeOf(request), null);
});

test("a command that has arrived tells how long it took", () => {
  assert.equal(outcomeOf({ result: "acknowledged", milliseconds: 12 }).text, "arrived in 12 ms");
  assert.equal(outcomeOf({ result: "acknowledged", milliseconds: 1250 }).text, "arrived in 1.3 s");
  assert.equal(outcomeOf({ result: "acknowledged", milliseconds: 12 }).kind, "good");
});

test("one that has not says why", () => {
  const said = (result) => outcomeOf({ result, reason: "the base says why", milliseconds: 1 });
  assert.deepEqual(
    ["expired", "superseded", "refused", "failed"].map((result) => said(result).text),
    [
      "not sent: it waited too long", "not sent: a newer one took its place", "not sent: the base says why",
      "did not arrive: the base says why",
    ],
  );
  assert.deepEqual(outcomeOf({ result: "failed", reason: null, milliseconds: 1 }), { kind: "bad", text: "did not arrive", detail: "" });
  assert.equal(said("expired").kind, "bad");
});
