import assert from "node:assert/strict";
import { test } from "node:test";
import { csv, csvName } from "../../Sources/Hub/Pages/live/csv.js";
import { DueSamples } from "../../Sources/Hub/Pages/live/due-samples.js";
import { RemoteClient } from "../../Sources/Hub/Pages/live/remote-client.js";
import { SampleBuffer } from "../../Sources/Hub/Pages/live/sample-buffer.js";
import { makeSignal, signals } from "../../Sources/Hub/Pages/live/signals.js";
import { decodeMessage, decodeRelayed, encodeSample } from "../../Sources/Hub/Pages/live/stream-message.js";
import { StreamMeter } from "../../Sources/Hub/Pages/live/stream-meter.js";

const noon = Date.UTC(2026, 0, 31, 12);

test("a sample is 20 bytes, little-endian, and reads as it was written", () => {
  const encoded = encodeSample({ sequence: 258, time: noon, value: -1.5 });
  const bytes = [...new Uint8Array(encoded)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  assert.equal(bytes, "02010000" + "0000e0c93ec17942" + "000000000000f8bf");
  assert.deepEqual(decodeMessage(encoded), { type: "sample", sequence: 258, time: noon, value: -1.5 });
});

test("samples, pings and pongs are read from JSON too, as text or as bytes", () => {
  const sample = { type: "sample", sequence: 1, time: 2, value: 3 };
  assert.deepEqual(decodeMessage('{"sequence":1,"time":2,"value":3}'), sample);
  assert.deepEqual(decodeMessage(new TextEncoder().encode('{"sequence":1,"time":2,"value":3}').buffer), sample);
  assert.deepEqual(decodeMessage('{"type":"ping","at":5}'), { type: "ping", at: 5 });
  assert.deepEqual(decodeMessage('{"type":"pong","at":5,"time":6,"name":"lamp","running":true,"rate":"x"}'),
    { type: "pong", at: 5, time: 6, name: "lamp", signal: null, rate: null, running: true });
});

test("what is none of these is nothing, whatever it is", () => {
  const nonsense = ["", "{", "7", "null", "[]", "{}", '{"type":"other"}', '{"sequence":-1,"time":1,"value":1}', '{"sequence":1.5,"time":1,"value":1}',
    '{"sequence":1,"time":"x","value":1}', '{"sequence":1,"time":1,"value":null}', '{"type":"ping"}', '{"type":"pong","at":1}', " ".repeat(5000),
    new ArrayBuffer(0), new ArrayBuffer(21), new ArrayBuffer(1 << 20), 7, null];
  assert.deepEqual(nonsense.map(decodeMessage), nonsense.map(() => null));
  const nan = encodeSample({ sequence: 1, time: NaN, value: 1 });
  assert.equal(decodeMessage(nan), null);
});

test("a time that no date can say is none: a table of it could not be written", () => {
  const far = [8.64e15 + 2, -8.64e15 - 2, 1e300, Infinity];
  for (const time of far) {
    assert.equal(decodeMessage(encodeSample({ sequence: 1, time, value: 1 })), null);
    assert.deepEqual(decodeRelayed({ samples: [[1, time, 3]] }), []);
    assert.equal(decodeMessage(`{"type":"pong","at":1,"time":${time}}`), null);
  }
  const buffer = new SampleBuffer(3);
  for (const time of [-8.64e15, 8.64e15]) {
    buffer.add(decodeMessage(encodeSample({ sequence: 1, time, value: 7 })));
  }
  assert.equal(csv(buffer).split("\r\n").length, 4);
});

test("an offer, a candidate or a question without anything in it is nobody's trouble", async () => {
  const said = [];
  const client = new RemoteClient({ id: "x", send: (...words) => said.push(words), about: () => ({}), onChange() {} });
  for (const payload of [undefined, null, 7, "x", [], {}, { sdp: null }, { sdp: { sdp: 7 } }, { candidate: null }]) {
    await client.offered(payload);
    client.candidate(payload);
    client.relayAsked(payload);
  }
  assert.deepEqual(said, []);
  assert.equal(client.state, "relayed");
  client.close();
});

test("what came through the hub is one message or many samples; the bad ones among them are left out", () => {
  assert.deepEqual(decodeRelayed({ samples: [[1, 2, 3], [1], "x", [2, 3, null], [2, 3, 4]] }), [
    { type: "sample", sequence: 1, time: 2, value: 3 }, { type: "sample", sequence: 2, time: 3, value: 4 }]);
  assert.deepEqual(decodeRelayed({ type: "ping", at: 1 }), [{ type: "ping", at: 1 }]);
  assert.deepEqual([null, 5, "x", {}, { samples: 7 }].flatMap(decodeRelayed), []);
});

test("a buffer keeps the newest samples in the order of their times", () => {
  const buffer = new SampleBuffer(4);
  assert.equal(buffer.last, null);
  const added = [[10, 1], [30, 3], [20, 2], [20, 9], [40, 4], [50, 5], [5, 0]].map(([time, value]) => buffer.add({ sequence: time / 10, time, value }));
  assert.deepEqual(added, [true, true, true, false, true, true, false]);
  assert.deepEqual(held(buffer), [[20, 2], [30, 3], [40, 4], [50, 5]]);
  assert.deepEqual(buffer.last, { time: 50, value: 5 });
  assert.deepEqual([0, 20, 21, 50, 51].map((time) => buffer.firstAt(time)), [0, 0, 1, 3, 4]);
  assert.deepEqual(buffer.extremes(25, 45), { least: 3, greatest: 4 });
  assert.equal(buffer.extremes(41, 49), null);
});

test("a full buffer whose order is shuffled a little holds the same as one that is sorted", () => {
  const buffer = new SampleBuffer(50);
  const times = Array.from({ length: 500 }, (_, index) => index);
  for (let index = 0; index + 3 < times.length; index += 4) [times[index], times[index + 3]] = [times[index + 3], times[index]];
  times.forEach((time) => buffer.add({ sequence: time, time, value: time }));
  assert.deepEqual(held(buffer).map(([time]) => time), Array.from({ length: 50 }, (_, index) => 450 + index));
});

test("a hole is where numbers are left out or begin anew, until what was late has come; past the greatest number it is none", () => {
  const buffer = new SampleBuffer(6);
  const holes = () => Array.from({ length: buffer.length }, (_, index) => buffer.followsHole(index));
  for (const [sequence, time] of [[2 ** 32 - 1, 1], [0, 2], [3, 5], [2, 4], [0, 6]]) buffer.add({ sequence, time, value: 0 });
  assert.deepEqual(holes(), [false, false, true, false, true]);
  buffer.add({ sequence: 1, time: 3, value: 0 });
  assert.deepEqual(holes(), [false, false, false, false, false, true]);
});

test("the rate is what came in the last two seconds, and goes to nothing with it", () => {
  const meter = new StreamMeter();
  for (let index = 0; index < 300; index += 1) meter.took({ sequence: index, time: index * 10 }, index * 10);
  assert.equal(meter.rate(2990), 100);
  assert.equal(meter.rate(3990), 50);
  assert.equal(meter.rate(6000), 0);
});

test("lost is what never came; what was only late is not, and a device that begins anew loses nothing", () => {
  const meter = new StreamMeter();
  for (const sequence of [0, 1, 2, 5, 3]) meter.took({ sequence, time: 0 }, 0);
  assert.equal(meter.lost, 1 / 6);
  const anew = new StreamMeter();
  for (const sequence of [5000, 5001, 0, 1]) anew.took({ sequence, time: 0 }, 0);
  assert.equal(anew.lost, 0);
});

test("the latency is measured on the device's clock, which the fastest answer tells", () => {
  const meter = new StreamMeter();
  meter.took({ sequence: 0, time: 1000 }, 50);
  assert.equal(meter.latency, null);
  meter.answered({ at: 0, time: 5100 }, 100);
  meter.answered({ at: 200, time: 5255 }, 210);
  assert.equal(meter.roundTrip, 10);
  assert.equal(meter.deviceTime(1000), 6050);
  meter.took({ sequence: 1, time: 6000 }, 970);
  assert.equal(meter.latency, 20);
});

test("samples are due at their rate whenever it is asked; after a sleep the stream goes on from now", () => {
  const due = new DueSamples(100, 1000);
  assert.deepEqual(due.take(1009), []);
  assert.deepEqual(due.take(1035), [1010, 1020, 1030]);
  assert.deepEqual(due.take(1035), []);
  assert.deepEqual(due.take(100000), []);
  assert.deepEqual(due.take(100010), [100010]);
  assert.deepEqual(due.take(50), []);
});

test("every signal stays about between -1 and 1, and an unknown name gives a sine", () => {
  for (const { name } of signals) {
    const signal = makeSignal(name);
    const values = Array.from({ length: 1000 }, (_, index) => signal(noon / 1000 + index / 100));
    assert.ok(values.every((value) => Math.abs(value) <= 1.1), name);
    assert.ok(new Set(values).size > 100, name);
  }
  assert.equal(makeSignal("none")(0.5), 1);
});

test("a table has a head, a time that people read, one for programs, the sample's number and the value; its name says whose and when", () => {
  const buffer = new SampleBuffer(3);
  buffer.add({ sequence: 7, time: noon, value: 0.1 });
  buffer.add({ sequence: 9, time: noon + 10.5, value: -2 });
  assert.equal(csv(buffer), `time,milliseconds,sequence,value\r\n2026-01-31T12:00:00.000Z,${noon},7,0.1\r\n2026-01-31T12:00:00.010Z,${noon + 10.5},9,-2\r\n`);
  assert.equal(csv(buffer, noon + 1, noon + 20).split("\r\n").length, 3);
  assert.equal(csvName("Balkon / Süd", noon), "balkon-s-d-2026-01-31-12-00-00.csv");
  assert.equal(csvName("!!", noon), "unit-2026-01-31-12-00-00.csv");
});

function held(buffer) {
  return Array.from({ length: buffer.length }, (_, index) => [buffer.time(index), buffer.value(index)]);
}
