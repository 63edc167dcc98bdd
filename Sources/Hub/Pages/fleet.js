/**
 * What the page knows of the hub: devices, their order, the base. Events in, lists of changes out; no page, no network.
 *
 * A change is `{kind: "order"}`, `{kind: "device", id}`, `{kind: "state", id, state}`, `{kind: "request", id, request}`,
 * `{kind: "removed", id}` or `{kind: "base"}`.
 */
import { reconciled, sameOrder } from "./order.js";

export class Fleet {
  /** Devices by id, as GET /api/devices gives them. */
  devices = new Map();
  /** Ids in the user's order. */
  order = [];
  /** As GET /api/base gives it, null while unknown. */
  base = null;

  /** Takes the whole truth, at the start and after every outage; `requests` as GET /api/requests gives them. */
  load(devices, base, requests = []) {
    const ids = devices.map((device) => device.id);
    const gone = [...this.devices.keys()].filter((id) => !ids.includes(id));
    this.devices = new Map(devices.map((device) => [device.id, device]));
    this.order = ids;
    this.base = base;
    return [
      ...gone.map((id) => ({ kind: "removed", id })),
      ...ids.map((id) => ({ kind: "device", id })),
      ...requests.flatMap((each) => this.#request(each)),
      { kind: "order" },
      { kind: "base" },
    ];
  }

  /** Takes one live event of the channel `private-dashboard`; what it does not know changes nothing. */
  on(event, data) {
    switch (event) {
      case "device.state":
        return this.#state(data);
      case "device.request":
        return this.#request(data);
      case "device.changed":
        return this.#changed(data?.device);
      case "device.deleted":
        return this.#deleted(data?.device);
      case "blocks.ordered":
        return this.reorder(data?.order);
      case "base.state":
        this.base = data;
        return [{ kind: "base" }];
      default:
        return [];
    }
  }

  /** Takes another order; devices that it does not name stay, at the end. */
  reorder(order) {
    if (!Array.isArray(order)) return [];
    const next = reconciled(order, this.order);
    if (sameOrder(next, this.order)) return [];
    this.order = next;
    return [{ kind: "order" }];
  }

  #state({ device: id, value, at }) {
    const device = this.devices.get(id);
    if (!device || typeof value !== "string") return [];
    const state = { value, at };
    const changes = [{ kind: "state", id, state }];
    if (!device.lastState || Date.parse(device.lastState.at) <= Date.parse(at)) device.lastState = state;
    if (device.kind === "read" && this.base) this.base = { ...this.base, lastMeasurementAt: at };
    return changes;
  }

  #request({ device: id, request }) {
    return this.devices.has(id) && typeof request?.result === "string" ? [{ kind: "request", id, request }] : [];
  }

  #changed(device) {
    if (!device || !Number.isInteger(device.id)) return [];
    const known = this.devices.has(device.id);
    this.devices.set(device.id, device);
    if (known) return [{ kind: "device", id: device.id }];
    this.order = [...this.order, device.id];
    return [{ kind: "device", id: device.id }, { kind: "order" }];
  }

  #deleted(id) {
    if (!this.devices.delete(id)) return [];
    this.order = this.order.filter((other) => other !== id);
    return [{ kind: "removed", id }];
  }
}
