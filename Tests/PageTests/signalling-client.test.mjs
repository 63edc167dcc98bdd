import assert from "node:assert/strict";
import { test } from "node:test";
import { SignallingClient, randomName } from "../../Sources/Hub/Pages/live/signalling-client.js";

class FakeSocket {
  static made = [];
  sent = [];
  isClosed = false;

  constructor(url) {
    this.url = url;
    FakeSocket.made.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close() {
    this.isClosed = true;
  }

  hear(message) {
    this.onmessage({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }
}

function client() {
  FakeSocket.made = [];
  const phases = [];
  const messages = [];
  const made = new SignallingClient({
    origin: "https://hub:8443", id: "unit-5", token: "a b", WebSocket: FakeSocket,
    onPhase: (phase, detail) => phases.push(detail === null ? phase : [phase, detail]), onMessage: (message) => messages.push(message),
  });
  return { made, phases, messages };
}

test("it names itself in the address, greets nobody before OPEN, and sends a sign of life every five seconds", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { made, phases, messages } = client();
  made.start();
  const [socket] = FakeSocket.made;
  assert.equal(socket.url, "wss://hub:8443/signalling/peerjs?key=peerjs&id=unit-5&token=a+b&presence=1");
  assert.equal(made.send("OFFER", "x", 1), false);
  socket.hear({ type: "OFFER", src: "early" });
  socket.hear({ type: "OPEN" });
  assert.equal(made.send("OFFER", "x", 1), true);
  context.mock.timers.tick(10000);
  assert.deepEqual(socket.sent.map(({ type }) => type), ["OFFER", "HEARTBEAT", "HEARTBEAT"]);
  for (const text of ["{", "null", "[]", '{"type":7}']) socket.hear(text);
  socket.hear({ type: "ANSWER", src: "x", payload: 2 });
  assert.deepEqual(messages, [{ type: "ANSWER", src: "x", payload: 2 }]);
  assert.deepEqual(phases, ["connecting", "open"]);
});

test("a connection that is lost, or that is not greeted, is made anew after a pause that grows", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  const { made, phases } = client();
  made.start();
  context.mock.timers.tick(10000);
  assert.deepEqual(phases, ["connecting", "waiting"]);
  assert.equal(FakeSocket.made[0].isClosed, true);
  context.mock.timers.tick(1000);
  assert.equal(FakeSocket.made.length, 2);
  FakeSocket.made[1].onclose();
  context.mock.timers.tick(900);
  assert.equal(FakeSocket.made.length, 2);
  made.hurry();
  assert.equal(FakeSocket.made.length, 3);
  FakeSocket.made[1].onclose();
  FakeSocket.made[1].hear({ type: "OPEN" });
  assert.equal(phases.at(-1), "connecting");
});

test("what is refused is said in words, and not tried again", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "setInterval"] });
  for (const [message, words] of [
    [{ type: "ID-TAKEN", payload: { msg: "ID is taken" } }, /Something else streams/],
    [{ type: "ERROR", payload: { msg: "Invalid token provided" } }, /Ask for a new link/],
    [{ type: "ERROR", payload: { msg: "Too many messages" } }, /The hub refuses this: Too many messages\./],
    [{ type: "ERROR" }, /The hub refuses this: ERROR\./],
  ]) {
    const { made, phases } = client();
    made.start();
    FakeSocket.made[0].hear(message);
    FakeSocket.made[0].onclose();
    context.mock.timers.tick(120000);
    assert.equal(FakeSocket.made.length, 1);
    assert.equal(phases.at(-1)[0], "refused");
    assert.match(phases.at(-1)[1], words);
  }
});

test("random names are ids that the signalling takes, and differ", () => {
  const names = Array.from({ length: 100 }, () => randomName("remote-"));
  assert.equal(new Set(names).size, 100);
  assert.ok(names.every((name) => /^remote-[0-9a-f]{16}$/.test(name)));
});
