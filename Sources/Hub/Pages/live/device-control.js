/** Asks a program that streams as a device how it is, twice a second, and tells it what to change. */
import { SignallingClient, randomName } from "./signalling-client.js";
import { decodeState } from "./stream-state.js";

const interval = 500;
/** What knows nothing of being controlled, as another page, says nothing; it is missed after so long (milliseconds). */
const silenceLimit = 3000;

export class DeviceControl {
  #device;
  #signalling;
  #onState;
  #onAbsent;
  #onPhase;
  #asking = null;
  #heardAt = 0;

  /**
   * @param token A ticket; null for a session. @param onState Told what the device says (stream-state.js).
   * @param onAbsent Told, again and again, that nobody answers. @param onPhase As SignallingClient tells it.
   */
  constructor({ device, token, onState, onAbsent, onPhase }) {
    this.#device = `unit-${device}`;
    this.#onState = onState;
    this.#onAbsent = onAbsent;
    this.#onPhase = onPhase;
    this.#signalling = new SignallingClient({
      id: randomName("control-"),
      token: token ?? randomName("page"),
      onPhase: (phase, detail) => this.#phase(phase, detail),
      onMessage: (message) => this.#received(message),
    });
  }

  start() {
    this.#signalling.start();
  }

  stop() {
    clearInterval(this.#asking);
    this.#signalling.stop();
  }

  /** Does not wait any longer for the next attempt to reach the hub. */
  hurry() {
    this.#signalling.hurry();
  }

  /** @param changes Of `running`, `rate` and `signal`. */
  change(changes) {
    this.#signalling.send("CONTROL", this.#device, { type: "control", ...changes });
  }

  #phase(phase, detail) {
    clearInterval(this.#asking);
    this.#onPhase(phase, detail);
    if (phase !== "open") return;
    this.#heardAt = Date.now();
    this.#asking = setInterval(() => this.#ask(), interval);
    this.#ask();
  }

  #ask() {
    this.change({});
    if (Date.now() - this.#heardAt > silenceLimit) this.#onAbsent();
  }

  #received({ type, src, payload }) {
    if (src !== this.#device) return;
    if (type === "EXPIRE") this.#onAbsent();
    if (type !== "CONTROL") return;
    const state = decodeState(payload);
    if (state === null) return;
    this.#heardAt = Date.now();
    this.#onState(state);
  }
}
