/**
 * One remote client as the device sees it: the peer connection that it has offered, or the way through the hub.
 *
 * States: `waiting` (it is there, and has not asked), `connecting`, `direct`, `relayed`, `gone`.
 */
import { AnswerAllowance } from "./answer-allowance.js";
import { decodeMessage, decodeRelayed } from "./stream-message.js";

/** More than this waits to be sent: the newest is left out (bytes). */
const backlogLimit = 64 * 1024;
/** After the hub has lost it, a client that is heard of directly within this time is still there (milliseconds). */
const graceTime = 3000;
/** One that is relayed asks once a second; it is gone after this silence (milliseconds). */
const relaySilence = 5000;

export class RemoteClient {
  id;
  state = "waiting";
  since = Date.now();
  sent = 0;
  skipped = 0;
  #send;
  #about;
  #onChange;
  #peer = null;
  #channel = null;
  #connection = null;
  #early = [];
  #heardAt = 0;
  #timer = null;
  #allowance = new AnswerAllowance();

  constructor({ id, send, about, onChange }) {
    this.id = id;
    this.#send = send;
    this.#about = about;
    this.#onChange = onChange;
  }

  get isRelayed() {
    return this.state === "relayed";
  }

  joined() {
    if (this.state === "gone") this.#become("waiting");
  }

  /** The hub has lost it. Its own connection may go on. */
  left() {
    if (this.state !== "direct") {
      this.close();
      return;
    }
    const lostAt = Date.now();
    this.#after(graceTime, () => this.#heardAt > lostAt || this.close());
  }

  /** Answers an offer, PeerJS's payload: `{sdp: {type, sdp}, connectionId, …}`. */
  async offered(payload) {
    const { sdp, connectionId, type } = payload ?? {};
    if (typeof sdp?.sdp !== "string" || (type ?? "data") !== "data" || !this.#allowance.take(Date.now())) return;
    this.#hangUp();
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.#peer = peer;
    this.#connection = connectionId;
    this.#become("connecting");
    peer.ondatachannel = ({ channel }) => this.#opened(peer, channel);
    peer.onicecandidate = ({ candidate }) => candidate && this.#send("CANDIDATE", { candidate, type: "data", connectionId });
    peer.onconnectionstatechange = () => {
      if (this.#peer === peer && ["failed", "closed"].includes(peer.connectionState)) this.close();
    };
    try {
      await peer.setRemoteDescription({ type: "offer", sdp: sdp.sdp });
      for (const candidate of this.#early.splice(0)) await peer.addIceCandidate(candidate);
      const answer = await peer.createAnswer();
      await peer.setLocalDescription(answer);
      this.#send("ANSWER", { sdp: { type: "answer", sdp: answer.sdp }, type: "data", connectionId });
    } catch {
      // What was offered is no offer, or it has been replaced by another one meanwhile.
      if (this.#peer === peer) this.close();
    }
  }

  candidate(payload) {
    const { candidate, connectionId } = payload ?? {};
    if (!candidate || (this.#connection !== null && connectionId !== this.#connection)) return;
    if (this.#peer?.remoteDescription) this.#peer.addIceCandidate(candidate).catch(() => {});
    else if (this.#early.length < 64) this.#early.push(candidate);
  }

  /** It asks for the stream through the hub, and does so once a second for as long as it wants it. */
  relayAsked(payload) {
    if (this.state !== "relayed") {
      this.#hangUp();
      this.#become("relayed");
    }
    this.#after(relaySilence, () => this.close());
    for (const message of decodeRelayed(payload)) {
      if (message.type === "ping" && this.#allowance.take(Date.now())) this.#send("RELAY", this.#pong(message));
    }
  }

  send(encoded) {
    if (this.state !== "direct" || this.#channel.readyState !== "open") return;
    if (this.#channel.bufferedAmount > backlogLimit) {
      this.skipped += 1;
      return;
    }
    this.#channel.send(encoded);
    this.sent += 1;
  }

  relayed(count) {
    this.sent += count;
  }

  close() {
    this.#hangUp();
    this.#become("gone");
  }

  #opened(peer, channel) {
    channel.binaryType = "arraybuffer";
    const open = () => {
      if (this.#peer !== peer) return;
      this.#channel = channel;
      this.#become("direct");
    };
    channel.onopen = open;
    channel.onclose = () => this.#peer === peer && this.close();
    channel.onmessage = ({ data }) => this.#heard(channel, data);
    if (channel.readyState === "open") open();
  }

  #heard(channel, data) {
    this.#heardAt = Date.now();
    const message = decodeMessage(data);
    if (message?.type !== "ping" || channel.readyState !== "open" || channel.bufferedAmount > backlogLimit) return;
    channel.send(JSON.stringify(this.#pong(message)));
  }

  #pong({ at }) {
    return { type: "pong", at, time: Date.now(), ...this.#about() };
  }

  #after(milliseconds, action) {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(action, milliseconds);
  }

  #hangUp() {
    clearTimeout(this.#timer);
    const peer = this.#peer;
    this.#peer = null;
    this.#channel = null;
    this.#connection = null;
    peer?.close();
  }

  #become(state) {
    if (state !== this.state) this.since = Date.now();
    this.state = state;
    this.#onChange();
  }
}
