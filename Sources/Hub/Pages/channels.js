/**
 * One connection to the hub's Pusher endpoint, subscribed to one private channel and kept open for ever.
 *
 * Phases: `connecting`, `live` (subscribed), `waiting` (until the next attempt), `stopped`. Whoever listens fetches
 * what it needs each time the phase becomes `live`, so that nothing is missed between two connections.
 */
import { afterClose, channelsURL, decodeFrame, encodeFrame } from "./channels-protocol.js";

/** Silence after which the page asks whether the hub is there, unless the hub wants it sooner (milliseconds). */
const activityTimeout = 20000;
/** How long an answer may take before the connection counts as dead (milliseconds). */
const answerTimeout = 10000;
const version = "1.0";

export class ChannelsConnection {
  #options;
  #socket = null;
  #timer = null;
  #attempts = 0;
  #silence = activityTimeout;
  #phase = "stopped";

  /**
   * @param options.origin Where the page came from.
   * @param options.channel The private channel.
   * @param options.session Gives `{key}` for a connection; asked again when the hub refuses the old one.
   * @param options.authorize Given socket id and channel, gives the `auth` value.
   * @param options.onPhase Told each phase, with `{pause}` in milliseconds for `waiting`.
   * @param options.onEvent Told each event's name and data.
   */
  constructor(options) {
    this.#options = { WebSocket: globalThis.WebSocket, random: Math.random, ...options };
  }

  start() {
    this.#attempts = 0;
    this.#connect(false);
  }

  /** Ends the connection for good. */
  stop() {
    this.#leave();
    this.#become("stopped");
  }

  /** Does not wait any longer for the next attempt; asks at once whether a live connection still lives. */
  hurry() {
    if (this.#phase === "waiting") this.#connect(false);
    else if (this.#phase === "live") this.#ping();
  }

  async #connect(renew) {
    this.#leave();
    this.#become("connecting");
    const { origin, session, WebSocket } = this.#options;
    const turn = {};
    this.#socket = turn;
    let key;
    try {
      ({ key } = await session(renew));
    } catch {
      if (this.#socket === turn) this.#closed(1006);
      return;
    }
    if (this.#socket !== turn) return;
    const socket = new WebSocket(channelsURL(origin, key, version));
    this.#socket = socket;
    this.#expect(answerTimeout);
    socket.onmessage = ({ data }) => this.#received(socket, data);
    socket.onclose = ({ code }) => {
      if (this.#socket === socket) this.#closed(code);
    };
  }

  #received(socket, text) {
    const frame = decodeFrame(text);
    if (!frame || this.#socket !== socket) return;
    if (this.#phase === "live") this.#watch();
    switch (frame.event) {
      case "pusher:connection_established":
        this.#silence = Math.min(activityTimeout, 1000 * (frame.data?.activity_timeout ?? Infinity));
        this.#subscribe(socket, frame.data?.socket_id);
        break;
      case "pusher_internal:subscription_succeeded":
        this.#attempts = 0;
        this.#become("live");
        this.#watch();
        break;
      case "pusher:subscription_error":
        this.#closed(4009);
        break;
      case "pusher:ping":
        socket.send(encodeFrame("pusher:pong"));
        break;
      case "pusher:pong":
      case "pusher:error":
        break;
      default:
        if (frame.channel === this.#options.channel) this.#options.onEvent(frame.event, frame.data);
    }
  }

  async #subscribe(socket, socketID) {
    const { channel, authorize } = this.#options;
    try {
      const auth = await authorize(socketID, channel);
      if (this.#socket === socket) socket.send(encodeFrame("pusher:subscribe", { channel, auth }));
    } catch {
      if (this.#socket === socket) this.#closed(1006);
    }
  }

  /** Waits for a sign of life, then asks for one. */
  #watch() {
    this.#after(this.#silence, () => this.#ping());
  }

  #ping() {
    this.#socket.send(encodeFrame("pusher:ping"));
    this.#expect(answerTimeout);
  }

  #expect(milliseconds) {
    this.#after(milliseconds, () => this.#closed(4201));
  }

  #closed(code) {
    this.#leave();
    this.#attempts += 1;
    const { pause, renew } = afterClose(code, this.#attempts, this.#options.random());
    this.#become("waiting", { pause });
    this.#after(pause, () => this.#connect(renew));
  }

  /** Lets go of the socket, if any, and of the timer. */
  #leave() {
    clearTimeout(this.#timer);
    const socket = this.#socket;
    this.#socket = null;
    socket?.close?.(1000);
  }

  #after(milliseconds, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, milliseconds);
  }

  #become(phase, detail = {}) {
    this.#phase = phase;
    this.#options.onPhase(phase, detail);
  }
}
