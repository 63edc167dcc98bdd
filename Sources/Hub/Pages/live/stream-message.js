/**
 * What travels between a device and those who watch it: on the data channel, and inside RELAY messages.
 *
 * A sample is 20 bytes, little-endian: sequence (32 bits), time (milliseconds since 1970 at the device, 64-bit float), value
 * (64-bit float); or JSON `{sequence, time, value}`. Watchers ask `{type: "ping", at}` and get `{type: "pong", at, time, name,
 * signal, rate, running}`. Docs: docs/live.md.
 */

const sampleBytes = 20;
/** The farthest times from 1970 that a date can say (milliseconds; ECMA-262, 21.4.1.1). */
const farthest = 8.64e15;
/** The longest text that is looked at; whoever sends more is no device of ours. */
const textLimit = 4096;

export function encodeSample({ sequence, time, value }) {
  const view = new DataView(new ArrayBuffer(sampleBytes));
  view.setUint32(0, sequence >>> 0, true);
  view.setFloat64(4, time, true);
  view.setFloat64(12, value, true);
  return view.buffer;
}

/**
 * Reads one message of a data channel.
 *
 * @returns A sample, a ping or a pong with its `type`, or null for anything else.
 */
export function decodeMessage(data) {
  if (data instanceof ArrayBuffer) {
    if (data.byteLength > textLimit) return null;
    if (data.byteLength !== sampleBytes) return decodeText(new TextDecoder().decode(data));
    const view = new DataView(data);
    return sample(view.getUint32(0, true), view.getFloat64(4, true), view.getFloat64(12, true));
  }
  return typeof data === "string" ? decodeText(data) : null;
}

/** Reads the payload of a RELAY: one message, or `{samples: [[sequence, time, value], …]}`. Gives a list. */
export function decodeRelayed(payload) {
  if (Array.isArray(payload?.samples)) {
    return payload.samples.slice(0, 1000).map((each) => (Array.isArray(each) ? sample(...each) : null)).filter((each) => each !== null);
  }
  const message = decodeObject(payload);
  return message === null ? [] : [message];
}

function decodeText(text) {
  if (text.length > textLimit) return null;
  try {
    return decodeObject(JSON.parse(text));
  } catch {
    return null;
  }
}

function decodeObject(object) {
  if (object === null || typeof object !== "object") return null;
  switch (object.type) {
    case undefined:
    case "sample":
      return sample(object.sequence, object.time, object.value);
    case "ping":
      return Number.isFinite(object.at) ? { type: "ping", at: object.at } : null;
    case "pong":
      return pong(object);
    default:
      return null;
  }
}

function sample(sequence, time, value) {
  const valid = Number.isInteger(sequence) && sequence >= 0 && isTime(time) && Number.isFinite(value);
  return valid ? { type: "sample", sequence, time, value } : null;
}

function isTime(time) {
  return typeof time === "number" && Math.abs(time) <= farthest;
}

function pong({ at, time, name, signal, rate, running }) {
  if (!Number.isFinite(at) || !isTime(time)) return null;
  const text = (value) => (typeof value === "string" ? value.slice(0, 100) : null);
  return { type: "pong", at, time, name: text(name), signal: text(signal), rate: Number.isFinite(rate) ? rate : null, running: running === true };
}
