import assert from "node:assert/strict";
import { test } from "node:test";
import { Fleet } from "../../Sources/Hub/Pages/fleet.js";

const device = (id, more = {}) => ({ id, name: `unit ${id}`, kind: "read", address: `127.0.1.${id}`, active: true, lastState: null, ...more });

function fleet() {
  const fleet = new Fleet();
  fleet.load([device(1), device(2)], { connected: true, since: null, lastMeasurementAt: null });
  return fleet;
}

test("a load says what is new and what is gone", () => {
  const changes = fleet().load([device(2), device(3)], null);
  assert.deepEqual(changes, [
    { kind: "removed", id: 1 }, { kind: "device", id: 2 }, { kind: "device", id: 3 }, { kind: "order" }, { kind: "base" },
  ]);
});

test("a value is kept unless a newer one is there", () => {
  const one = fleet();
  const at = ["2026-01-31T12:00:01.000Z", "2026-01-31T12:00:00.000Z"];
  one.on("device.state", { device: 1, value: "5", at: at[0] });
  const changes = one.on("device.state", { device: 1, value: "4", at: at[1] });
  assert.deepEqual(changes, [{ kind: "state", id: 1, state: { value: "4", at: at[1] } }]);
  assert.deepEqual(one.devices.get(1).lastState, { value: "5", at: at[0] });
});

test("a device that another tab made comes at the end", () => {
  const one = fleet();
  assert.deepEqual(one.on("device.changed", { device: device(3) }), [{ kind: "device", id: 3 }, { kind: "order" }]);
  assert.deepEqual(one.order, [1, 2, 3]);
});

test("a deleted device is gone once", () => {
  const one = fleet();
  assert.deepEqual(one.on("device.deleted", { device: 1 }), [{ kind: "removed", id: 1 }]);
  assert.deepEqual(one.on("device.deleted", { device: 1 }), []);
  assert.deepEqual(one.order, [2]);
});

test("another order is taken, the same one changes nothing", () => {
  const one = fleet();
  assert.deepEqual(one.on("blocks.ordered", { order: [2, 1] }), [{ kind: "order" }]);
  assert.deepEqual(one.on("blocks.ordered", { order: [2, 1] }), []);
});

test("what makes no sense changes nothing", () => {
  const one = fleet();
  for (const [event, data] of [["device.state", { device: 9 }], ["device.changed", null], ["blocks.ordered", {}], ["other", {}]]) {
    assert.deepEqual(one.on(event, data), []);
  }
});

test("what became of a request is a change of its device, loaded or live; of an unknown device it is none", () => {
  const one = new Fleet();
  const request = { id: 7, result: "failed", reason: "gone", milliseconds: 3, at: "2026-01-31T12:00:00.000Z" };
  const change = { kind: "request", id: 1, request };
  assert.deepEqual(one.load([device(1)], null, [{ device: 1, request }, { device: 9, request }]), [
    { kind: "device", id: 1 }, change, { kind: "order" }, { kind: "base" },
  ]);
  assert.deepEqual(one.on("device.request", { device: 1, request }), [change]);
  assert.deepEqual(one.on("device.request", { device: 9, request }), []);
  assert.deepEqual(one.on("device.request", { device: 1 }), []);
});
