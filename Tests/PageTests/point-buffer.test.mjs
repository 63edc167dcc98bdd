import assert from "node:assert/strict";
import { test } from "node:test";
import { PointBuffer } from "../../Sources/Hub/Pages/point-buffer.js";
import { numberOf, ReadingLog } from "../../Sources/Hub/Pages/reading.js";

function filled(points, span = 60000, resolution = 60) {
  const buffer = new PointBuffer(span, resolution);
  for (const [x, y] of points) buffer.insert(x, y);
  return buffer;
}

test("points come back in order of time, however they went in", () => {
  assert.deepEqual(filled([[3000, 3], [1000, 1], [2000, 2]]).points(), [{ x: 1000, y: 1 }, { x: 2000, y: 2 }, { x: 3000, y: 3 }]);
});

test("a bucket keeps its lowest and its highest point", () => {
  const buffer = filled([[1000, 5], [1200, 9], [1500, 1], [1900, 4]]);
  assert.deepEqual(buffer.points(), [{ x: 1200, y: 9 }, { x: 1500, y: 1 }]);
  assert.deepEqual(buffer.extremes(), { low: 1, high: 9 });
});

test("inserting history again changes nothing", () => {
  const points = Array.from({ length: 50 }, (_, index) => [index * 700, (index * 37) % 11]);
  assert.deepEqual(filled([...points, ...points]).points(), filled(points).points());
});

test("the number of points is bounded whatever arrives", () => {
  const buffer = new PointBuffer(60000, 60);
  for (let x = 0; x < 600000; x += 10) {
    buffer.insert(x, x % 17);
    if (x % 1000 === 0) buffer.trim(x);
  }
  buffer.trim(600000);
  assert.ok(buffer.points().length <= 2 * 62);
  assert.ok(buffer.points()[0].x >= 538000);
});

test("a silence of many usual intervals is a gap, a slow sensor's rhythm is none", () => {
  const times = [0, 1000, 2000, 3000, 30000, 31000];
  const gaps = filled(times.map((x) => [x, 1])).points().filter(({ y }) => Number.isNaN(y));
  assert.deepEqual(gaps, [{ x: 16500, y: NaN }]);
  assert.equal(filled([[0, 1], [20000, 1], [40000, 1]]).points().some(({ y }) => Number.isNaN(y)), false);
});

test("what is no finite number is not drawn", () => {
  assert.deepEqual(filled([[1, NaN], [NaN, 1], [2, Infinity], [3, undefined]]).points(), []);
  assert.equal(filled([]).extremes(), null);
});

test("plain decimals are numbers, all else is text", () => {
  const numbers = ["512", "-1", "1024", "+2", "21.5", ".5", "21 C", "", "1e9", "0x10", "NaN", "-"].map(numberOf);
  assert.deepEqual(numbers, [512, -1, 1024, 2, 21.5, 0.5, null, null, null, null, null, null]);
});

test("the log keeps the newest few texts, each once", () => {
  const log = new ReadingLog(2);
  for (const at of [3, 1, 2, 3]) log.insert(at, `${at} C`);
  assert.deepEqual(log.entries, [{ at: 3, value: "3 C" }, { at: 2, value: "2 C" }]);
});
