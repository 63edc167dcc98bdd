import assert from "node:assert/strict";
import { test } from "node:test";
import { NewestWins } from "../../Sources/Hub/Pages/newest-wins.js";

/** A clock that moves when it is told to, and a hub that answers when it is told to. */
function rig() {
  let time = 0;
  let timers = [];
  let answers = [];
  const sent = [];
  const settled = [];
  const queue = new NewestWins({
    interval: 100,
    send: (value) => new Promise((resolve, reject) => {
      sent.push([time, value]);
      answers.push({ resolve, reject });
    }),
    onSettled: (error) => settled.push(error),
    clock: { now: () => time, after: (pause, action) => timers.push({ due: time + pause, action }) },
  });
  return {
    queue, sent, settled,
    async answer(error) {
      const { resolve, reject } = answers.shift();
      if (error) reject(error);
      else resolve();
      await new Promise(setImmediate);
    },
    advance(milliseconds) {
      time += milliseconds;
      const due = timers.filter((timer) => timer.due <= time);
      timers = timers.filter((timer) => timer.due > time);
      for (const timer of due) timer.action();
    },
  };
}

test("while one is being sent only the newest waits, and it is sent when the interval has passed", async () => {
  const { queue, sent, settled, answer, advance } = rig();
  for (const value of ["a", "b", "c"]) queue.offer(value);
  assert.deepEqual(sent, [[0, "a"]]);
  advance(30);
  await answer();
  assert.deepEqual(sent, [[0, "a"]]);
  queue.offer("d");
  advance(70);
  assert.deepEqual(sent, [[0, "a"], [100, "d"]]);
  await answer();
  assert.deepEqual([settled, queue.busy], [[null], false]);
});

test("an error is told when nothing newer waits", async () => {
  const { queue, settled, answer } = rig();
  const error = new Error("no base");
  queue.offer("a");
  await answer(error);
  assert.deepEqual(settled, [error]);
});

test("an error does not stop the newer value", async () => {
  const { queue, sent, settled, answer, advance } = rig();
  queue.offer("a");
  queue.offer("b");
  advance(200);
  await answer(new Error("lost"));
  await answer();
  assert.deepEqual([sent.map(([, value]) => value), settled], [["a", "b"], [null]]);
});
