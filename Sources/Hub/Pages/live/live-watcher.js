/**
 * The remote client's part: offers a connection to the device, and takes the stream through the hub where none can be made.
 *
 * States: `reaching` (the hub), `absent` (nobody streams as the device), `connecting`, `direct`, `relayed`, `refused`.
 */
import { SignallingClient, randomName } from "./signalling-client.js";
import { decodeMessage, decodeRelayed } from "./stream-message.js";

/** How long a direct connection may take (milliseconds). */
const connectLimit = 10000;
const pingInterval = 1000;
/** After such a silence a connection is made anew (milliseconds); each ping is answered. */
const silenceLimit = 6000;

export class LiveWatcher {
  /** Who this is at the signalling. */
  id = randomName("remote-");
  #device;
  #signalling;
  #onState;
  #onMessage;
  #state = "reaching";
  #peer = null;
  #channel = null;
  #connection = null;
  #early = [];
  #timer = null;
  #pinging = null;
  #heardAt = 0;

  /**
   * @param device The device's number. @param ticket What allows to watch it; null for a session.
   * @param onState Told each state, with a sentence for `refused`.
   * @param onMessage Told each sample and each pong (stream-message.js).
   */
  constructor({ device, ticket, onState, onMessage }) {
    this.#device = `unit-${device}`;
    this.#onState = onState;
    this.#onMessage = onMessage;
    this.#signalling = new SignallingClient({
      id: this.id,
      token: ticket ?? randomName("page"),
      onPhase: (phase, detail) => this.#phase(phase, detail),
      onMessage: (message) => this.#received(message),
    });
  }

  start() {
    this.#pinging = setInterval(() => this.#ping(), pingInterval);
    this.#signalling.start();
  }

  /** Tries once more whatever was given up. */
  retry() {
    this.#signalling.hurry();
    if (this.#signalling.isOpen) this.#connect();
  }

  stop() {
    clearInterval(this.#pinging);
    this.#hangUp();
    this.#signalling.stop();
  }

  #phase(phase, detail) {
    if (phase === "open") {
      // A connection that lives goes on; nothing of it depends on the hub.
      if (this.#state !== "direct") this.#connect();
    } else if (phase === "refused") {
      this.#hangUp();
      this.#become("refused", detail);
    } else if (this.#state !== "direct" && phase !== "stopped") {
      this.#hangUp();
      this.#become("reaching");
    }
  }

  #received({ type, src, payload }) {
    if (type === "PRESENCE" && payload?.id === this.#device) {
      if (payload.state === "joined" && this.#state === "absent") this.#connect();
      else if (payload.state === "left" && this.#state !== "direct") this.#absent();
      return;
    }
    if (src !== this.#device) return;
    switch (type) {
      case "ANSWER":
        if (payload?.connectionId === this.#connection) this.#answered(payload);
        break;
      case "CANDIDATE":
        if (payload?.connectionId === this.#connection) this.#candidate(payload.candidate);
        break;
      case "EXPIRE":
        if (this.#state !== "direct") this.#absent();
        break;
      case "RELAY":
        this.#heardAt = Date.now();
        if (this.#state === "relayed") decodeRelayed(payload).forEach((message) => this.#onMessage(message));
        break;
    }
  }

  async #connect() {
    if (this.#state === "relayed") this.#signalling.send("LEAVE", this.#device);
    this.#hangUp();
    const connectionId = randomName("dc_");
    this.#connection = connectionId;
    this.#become("connecting");
    this.#timer = setTimeout(() => this.#relay(), connectLimit);
    let peer;
    try {
      peer = new RTCPeerConnection({ iceServers: [] });
    } catch {
      this.#relay();
      return;
    }
    this.#peer = peer;
    const channel = peer.createDataChannel("live", { ordered: false, maxRetransmits: 0 });
    channel.binaryType = "arraybuffer";
    channel.onopen = () => this.#opened(peer, channel);
    channel.onclose = () => this.#peer === peer && this.#connect();
    channel.onmessage = ({ data }) => this.#heard(data);
    peer.onicecandidate = ({ candidate }) =>
      candidate && this.#signalling.send("CANDIDATE", this.#device, { candidate, type: "data", connectionId });
    peer.onconnectionstatechange = () => {
      if (this.#peer === peer && peer.connectionState === "failed") this.#relay();
    };
    const offer = await peer.createOffer();
    if (this.#peer !== peer) return;
    await peer.setLocalDescription(offer);
    const sdp = { type: "offer", sdp: offer.sdp };
    this.#signalling.send("OFFER", this.#device, {
      sdp, type: "data", connectionId, label: "live", reliable: false, serialization: "raw", metadata: null,
    });
  }

  async #answered({ sdp }) {
    const peer = this.#peer;
    if (!peer || peer.signalingState !== "have-local-offer" || typeof sdp?.sdp !== "string") return;
    try {
      await peer.setRemoteDescription({ type: "answer", sdp: sdp.sdp });
      for (const candidate of this.#early.splice(0)) await peer.addIceCandidate(candidate);
    } catch {
      if (this.#peer === peer) this.#relay();
    }
  }

  #candidate(candidate) {
    if (!candidate) return;
    if (this.#peer?.remoteDescription) this.#peer.addIceCandidate(candidate).catch(() => {});
    else if (this.#early.length < 64) this.#early.push(candidate);
  }

  #opened(peer, channel) {
    if (this.#peer !== peer) return;
    clearTimeout(this.#timer);
    this.#channel = channel;
    this.#heardAt = Date.now();
    this.#become("direct");
    this.#ping();
  }

  #heard(data) {
    this.#heardAt = Date.now();
    const message = decodeMessage(data);
    if (message && message.type !== "ping") this.#onMessage(message);
  }

  #relay() {
    this.#hangUp();
    this.#heardAt = Date.now();
    this.#become("relayed");
    this.#ping();
  }

  #absent() {
    this.#hangUp();
    this.#become("absent");
  }

  #ping() {
    const ping = { type: "ping", at: Date.now() };
    if (this.#state === "direct" && this.#channel.readyState === "open") this.#channel.send(JSON.stringify(ping));
    else if (this.#state === "relayed") this.#signalling.send("RELAY", this.#device, ping);
    else return;
    if (ping.at - this.#heardAt <= silenceLimit) return;
    if (this.#signalling.isOpen) this.#connect();
    else this.#become("reaching");
  }

  #hangUp() {
    clearTimeout(this.#timer);
    const peer = this.#peer;
    this.#peer = null;
    this.#channel = null;
    this.#connection = null;
    this.#early = [];
    peer?.close();
  }

  #become(state, detail = null) {
    this.#state = state;
    this.#onState(state, detail);
  }
}
