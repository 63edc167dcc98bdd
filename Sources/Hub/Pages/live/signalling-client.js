/**
 * One place at the hub's signalling, kept for as long as the page lives.
 *
 * Phases: `connecting`, `open`, `waiting` (until the next attempt), `refused` (trying again would be of no use), `stopped`.
 */

/** Between two signs of life (milliseconds), as PeerJS's clients send them. */
const heartbeat = 5000;
/** How long the hub may take to greet (milliseconds). */
const greetingLimit = 10000;
const refusals = {
  "ID-TAKEN": "Something else streams as this unit already: another page, or a program. Stop that one first.",
  "Invalid token provided": "The hub does not let this page in: its link has run out or was not copied in full, or you are logged out. Ask for a new link, or log in again.",
  "Server has reached its concurrent user limit": "The hub serves as many clients as it can. Try again later.",
};

export class SignallingClient {
  #options;
  #socket = null;
  #timer = null;
  #beat = null;
  #attempts = 0;
  #phase = "stopped";

  /**
   * @param options.id Who to be. @param options.token What allows that: a ticket, or anything for a session.
   * @param options.onPhase Told each phase, with a sentence for `refused`.
   * @param options.onMessage Told each message `{type, src, payload}`.
   */
  constructor(options) {
    this.#options = { origin: globalThis.location?.origin, WebSocket: globalThis.WebSocket, ...options };
    // A browser may keep a page that was left, and its socket with it: nobody is there then.
    globalThis.addEventListener?.("pagehide", () => this.#hide());
    globalThis.addEventListener?.("pageshow", () => this.hurry());
  }

  get isOpen() {
    return this.#phase === "open";
  }

  start() {
    this.#attempts = 0;
    this.#connect();
  }

  stop() {
    this.#leave();
    this.#become("stopped");
  }

  /** Does not wait any longer for the next attempt. */
  hurry() {
    if (this.#phase === "waiting") this.#connect();
  }

  /** @returns Whether it could be sent. */
  send(type, dst, payload) {
    if (!this.isOpen) return false;
    this.#socket.send(JSON.stringify({ type, dst, payload }));
    return true;
  }

  #hide() {
    if (this.#phase === "stopped" || this.#phase === "refused") return;
    this.#leave();
    this.#become("waiting");
  }

  #connect() {
    this.#leave();
    this.#become("connecting");
    const { origin, id, token, WebSocket } = this.#options;
    const query = new URLSearchParams({ key: "peerjs", id, token, presence: "1" });
    const socket = new WebSocket(`${origin.replace(/^http/, "ws")}/signalling/peerjs?${query}`);
    this.#socket = socket;
    this.#timer = setTimeout(() => this.#lost(socket), greetingLimit);
    socket.onmessage = ({ data }) => this.#received(socket, data);
    socket.onclose = () => this.#lost(socket);
  }

  #received(socket, text) {
    if (this.#socket !== socket) return;
    let message;
    try {
      message = JSON.parse(text);
    } catch {
      return;
    }
    switch (message?.type) {
      case "OPEN":
        clearTimeout(this.#timer);
        this.#attempts = 0;
        this.#beat = setInterval(() => this.send("HEARTBEAT"), heartbeat);
        this.#become("open");
        break;
      case "ID-TAKEN":
      case "ERROR":
        this.#refused(message);
        break;
      default:
        if (this.isOpen && typeof message?.type === "string") this.#options.onMessage(message);
    }
  }

  #refused({ type, payload }) {
    this.#leave();
    const words = String(payload?.msg ?? type);
    this.#become("refused", refusals[type] ?? refusals[words] ?? `The hub refuses this: ${words}.`);
  }

  #lost(socket) {
    if (this.#socket !== socket) return;
    this.#leave();
    this.#attempts += 1;
    const pause = Math.min(30000, 500 * 2 ** Math.min(this.#attempts, 6)) * (0.5 + Math.random() / 2);
    this.#become("waiting");
    this.#timer = setTimeout(() => this.#connect(), pause);
  }

  #leave() {
    clearTimeout(this.#timer);
    clearInterval(this.#beat);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  #become(phase, detail = null) {
    this.#phase = phase;
    this.#options.onPhase(phase, detail);
  }
}

/** A name that nobody else has; also where the page did not come over TLS, which `crypto.randomUUID` asks for. */
export function randomName(prefix) {
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  return prefix + [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
