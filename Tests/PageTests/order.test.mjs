import assert from "node:assert/strict";
import { test } from "node:test";
import { moved, positionAfterKey, reconciled, sameOrder } from "../../Sources/Hub/Pages/order.js";

test("a card moves to a position and the others close up", () => {
  assert.deepEqual(moved([1, 2, 3, 4], 1, 2), [2, 3, 1, 4]);
  assert.deepEqual(moved([1, 2, 3, 4], 4, 0), [4, 1, 2, 3]);
});

test("a position beyond the ends is the end", () => {
  assert.deepEqual(moved([1, 2, 3], 1, 9), [2, 3, 1]);
  assert.deepEqual(moved([1, 2, 3], 3, -4), [3, 1, 2]);
});

test("a card that is not there moves nothing", () => {
  assert.deepEqual(moved([1, 2], 7, 0), [1, 2]);
});

test("an order of another tab keeps the devices that it does not know, and loses those that are gone", () => {
  assert.deepEqual(reconciled([3, 9, 1, 3], [1, 2, 3]), [3, 1, 2]);
});

test("arrow keys, Home and End move a card; other keys do not", () => {
  const positions = ["ArrowLeft", "ArrowUp", "ArrowRight", "ArrowDown", "Home", "End", "a"].map((key) => positionAfterKey(key, 1, 3));
  assert.deepEqual(positions, [0, 0, 2, 2, 0, 2, null]);
  assert.equal(positionAfterKey("ArrowLeft", 0, 3), 0);
  assert.equal(positionAfterKey("ArrowRight", 2, 3), 2);
});

test("orders are the same when every place is", () => {
  assert.deepEqual([sameOrder([1, 2], [1, 2]), sameOrder([1, 2], [2, 1]), sameOrder([1], [1, 2])], [true, false, false]);
});
