/** What a program that streams as a device says to who controls it. Docs: docs/live.md. */

const states = ["waiting", "connecting", "direct", "relayed", "gone"];

/**
 * @returns `{name, signal, rate, running, signals, mostRate, made, link, clients}`, or null for anything else; `mostRate` is null where the rate
 * cannot be chosen, `link` is `{path, expiresAt}` or null.
 */
export function decodeState(payload) {
  if (payload === null || typeof payload !== "object" || payload.type !== "state") return null;
  const { name, signal, rate, running, signals, mostRate, made, link, clients } = payload;
  return {
    name: text(name) ?? "", signal: text(signal), rate: number(rate), running: running === true,
    signals: list(signals).slice(0, 16).map(text).filter((each) => each !== null),
    mostRate: number(mostRate), made: number(made) ?? 0,
    link: isPath(link?.path) && typeof link?.expiresAt === "string" ? { path: link.path, expiresAt: link.expiresAt } : null,
    clients: list(clients).slice(0, 500).map(client).filter((each) => each !== null),
  };
}

function client(value) {
  const id = text(value?.id);
  if (id === null || !states.includes(value.state)) return null;
  return { id, state: value.state, sent: number(value.sent) ?? 0, skipped: number(value.skipped) ?? 0 };
}

/** A path of this hub, however a browser reads it: one that passes over tabs and line feeds takes `/\t/host` for another host's. */
const isPath = (value) => typeof value === "string" && /^\/[^/\\\s]/.test(value);
const list = (value) => (Array.isArray(value) ? value : []);
const text = (value) => (typeof value === "string" ? value.slice(0, 100) : null);
const number = (value) => (Number.isFinite(value) && value >= 0 ? value : null);
