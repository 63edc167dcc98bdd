/** A unit that a base has found, in words for people. */
import { age } from "./time-format.js";

const kinds = { read: "Read unit", updatable: "Lamp", unknown: "Unit of unknown kind" };
const means = { sweep: "answered", mdns: "announced itself" };

/**
 * @param unit As GET /api/found-units gives it.
 * @param now The time at the hub.
 * @returns `{title, detail}`.
 */
export function described(unit, now) {
  const kind = kinds[unit.kind] ?? kinds.unknown;
  const how = means[unit.by];
  const when = age(now - Date.parse(unit.at));
  return { title: unit.name || kind, detail: [unit.name ? kind : null, how ? `${how} ${when}` : when].filter(Boolean).join(" · ") };
}

/** What the dialog that adds a device starts with. */
export function suggested(unit) {
  return { name: unit.name ?? "", kind: unit.kind === "updatable" ? "updatable" : "read", address: unit.ip };
}
