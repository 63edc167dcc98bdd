/**
 * The device's part: answers every remote client that asks, and streams to all of them, directly or through the hub.
 */
import { RemoteClient } from "./remote-client.js";
import { SignallingClient, randomName } from "./signalling-client.js";

/** How long one that has left is still listed (milliseconds). */
const farewellTime = 8000;
/** More remote clients than these are not answered; the hub carries the rest. */
const limit = 50;
/** How often what goes through the hub is sent (milliseconds): fewer messages with more in each. */
const relayInterval = 20;

export class LiveDevice {
  #signalling;
  #about;
  #onChange;
  #clients = new Map();
  #relayed = [];
  #relayedAt = 0;
  #closed = new Map();

  /**
   * @param device The device's number.
   * @param about Gives what an answer to a ping says: `{name, signal, rate, running}`.
   * @param onPhase As SignallingClient tells it. @param onChange Told that `clients` has changed.
   */
  constructor({ device, about, onPhase, onChange }) {
    this.#about = about;
    this.#onChange = onChange;
    this.#signalling = new SignallingClient({
      id: `unit-${device}`,
      token: randomName("page"),
      onPhase,
      onMessage: (message) => this.#received(message),
    });
  }

  /** Those that are there, in the order in which they came, and those that have just left. */
  get clients() {
    return [...this.#clients.values()];
  }

  start() {
    this.#signalling.start();
  }

  stop() {
    for (const client of this.#clients.values()) client.close();
    this.#signalling.stop();
  }

  hurry() {
    this.#signalling.hurry();
  }

  /** Sends a sample to everybody. */
  send(sample, encoded, now) {
    for (const client of this.#clients.values()) client.send(encoded);
    this.#relay(sample, now);
  }

  #relay({ sequence, time, value }, now) {
    if (!this.clients.some((client) => client.isRelayed)) {
      this.#relayed = [];
      return;
    }
    this.#relayed.push([sequence, time, value]);
    if (now - this.#relayedAt < relayInterval) return;
    this.#relayedAt = now;
    const samples = this.#relayed.splice(0);
    if (!this.#signalling.send("RELAY", undefined, { samples })) return;
    for (const client of this.#clients.values()) if (client.isRelayed) client.relayed(samples.length);
  }

  #received({ type, src, payload }) {
    switch (type) {
      case "PRESENCE":
        if (typeof payload?.id === "string") this.#present(payload.id, payload.state === "joined");
        break;
      case "OFFER":
        this.#client(src)?.offered(payload);
        break;
      case "CANDIDATE":
        this.#clients.get(src)?.candidate(payload);
        break;
      case "RELAY":
        this.#client(src)?.relayAsked(payload);
        break;
      case "LEAVE":
        this.#clients.get(src)?.close();
        break;
    }
    this.#onChange();
  }

  #present(id, isThere) {
    if (isThere) this.#client(id)?.joined();
    else this.#clients.get(id)?.left();
  }

  #client(id) {
    if (typeof id !== "string") return null;
    const known = this.#clients.get(id);
    clearTimeout(this.#closed.get(id));
    if (known || this.#clients.size >= limit) return known ?? null;
    const client = new RemoteClient({
      id,
      send: (type, payload) => this.#signalling.send(type, id, payload),
      about: this.#about,
      onChange: () => this.#changed(client),
    });
    this.#clients.set(id, client);
    return client;
  }

  #changed(client) {
    clearTimeout(this.#closed.get(client.id));
    if (client.state === "gone") this.#closed.set(client.id, setTimeout(() => this.#forget(client), farewellTime));
    this.#onChange();
  }

  #forget(client) {
    this.#closed.delete(client.id);
    if (client.state === "gone") this.#clients.delete(client.id);
    this.#onChange();
  }
}
