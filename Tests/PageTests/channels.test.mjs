import assert from "node:assert/strict";
import { mock, test } from "node:test";
import { afterClose, channelsURL, decodeFrame, longestPause } from "../../Sources/Hub/Pages/channels-protocol.js";
import { ChannelsConnection } from "../../Sources/Hub/Pages/channels.js";

class FakeSocket {
  static opened = [];
  sent = [];
  closed = false;
  constructor(url) {
    this.url = url;
    FakeSocket.opened.push(this);
  }
  send(text) {
    this.sent.push(JSON.parse(text));
  }
  close() {
    this.closed = true;
  }
  receive(event, data, channel) {
    this.onmessage({ data: JSON.stringify({ event, channel, data: JSON.stringify(data) }) });
  }
}

const settle = () => new Promise(setImmediate);

async function connected(t, options = {}) {
  mock.timers.enable({ apis: ["setTimeout"] });
  t.after(() => mock.timers.reset());
  FakeSocket.opened = [];
  const phases = [];
  const events = [];
  const renewals = [];
  const connection = new ChannelsConnection({
    origin: "http://127.0.0.1:8080",
    channel: "private-dashboard",
    session: async (renew) => (renewals.push(renew), { key: "abc" }),
    authorize: async (socketID, channel) => `abc:${socketID}:${channel}`,
    onPhase: (phase, detail) => phases.push([phase, detail]),
    onEvent: (event, data) => events.push([event, data]),
    WebSocket: FakeSocket,
    random: () => 0,
    ...options,
  });
  connection.start();
  await settle();
  return { connection, phases, events, renewals, socket: () => FakeSocket.opened.at(-1) };
}

async function subscribed(t, options) {
  const rig = await connected(t, options);
  rig.socket().receive("pusher:connection_established", { socket_id: "1.2", activity_timeout: 120 });
  await settle();
  rig.socket().receive("pusher_internal:subscription_succeeded", {}, "private-dashboard");
  return rig;
}

test("it connects, authorizes, subscribes and passes the channel's events on", async (t) => {
  const { socket, phases, events } = await subscribed(t);
  assert.equal(socket().url, "ws://127.0.0.1:8080/app/abc?protocol=7&client=dashboard&version=1.0");
  assert.deepEqual(socket().sent, [{ event: "pusher:subscribe", data: { channel: "private-dashboard", auth: "abc:1.2:private-dashboard" } }]);
  socket().receive("device.state", { device: 1 }, "private-dashboard");
  socket().receive("device.state", { device: 2 }, "private-other");
  socket().onmessage({ data: "no frame" });
  assert.deepEqual(events, [["device.state", { device: 1 }]]);
  assert.deepEqual(phases, [["connecting", {}], ["live", {}]]);
});

test("it answers pings", async (t) => {
  const { socket } = await subscribed(t);
  socket().receive("pusher:ping", {});
  assert.deepEqual(socket().sent.at(-1), { event: "pusher:pong", data: {} });
});

test("after silence it asks, and without an answer it connects anew", async (t) => {
  const { socket, phases } = await subscribed(t);
  const first = socket();
  mock.timers.tick(20000);
  assert.deepEqual(first.sent.at(-1), { event: "pusher:ping", data: {} });
  mock.timers.tick(10000);
  assert.equal(first.closed, true);
  mock.timers.tick(0);
  await settle();
  assert.notEqual(socket(), first);
  assert.deepEqual(phases.slice(-2), [["waiting", { pause: 0 }], ["connecting", {}]]);
});

test("an answer in time keeps the connection", async (t) => {
  const { socket } = await subscribed(t);
  mock.timers.tick(20000);
  socket().receive("pusher:pong", {});
  mock.timers.tick(19000);
  assert.equal(socket().closed, false);
});

test("a refused key asks the hub for a new session first", async (t) => {
  const { socket, renewals } = await subscribed(t);
  socket().onclose({ code: 4001 });
  mock.timers.tick(1000);
  await settle();
  assert.deepEqual(renewals, [false, true]);
});

test("a stopped connection does not come back", async (t) => {
  const { connection, socket, phases } = await subscribed(t);
  connection.stop();
  mock.timers.tick(60000);
  await settle();
  assert.deepEqual([FakeSocket.opened.length, socket().closed, phases.at(-1)], [1, true, ["stopped", {}]]);
});

test("close codes decide about the pause and a new session", () => {
  const decisions = [1006, 4001, 4100, 4201, 4301].map((code) => afterClose(code, 1, 0));
  assert.deepEqual(decisions, [
    { pause: 250, renew: false }, { pause: 1000, renew: true }, { pause: 1000, renew: false }, { pause: 0, renew: false }, { pause: 250, renew: false },
  ]);
});

test("pauses grow to a limit, also where an immediate attempt has failed", () => {
  assert.deepEqual([1, 2, 3, 20].map((attempts) => afterClose(1006, attempts, 1).pause), [500, 1000, 2000, longestPause]);
  assert.equal(afterClose(4200, 2, 1).pause, 1000);
});

test("frames from the server carry JSON in a string, and hostile ones are none", () => {
  assert.deepEqual(decodeFrame('{"event":"e","channel":"c","data":"{\\"a\\":1}"}'), { event: "e", channel: "c", data: { a: 1 } });
  assert.deepEqual(["", "null", "[]", "{}", '{"event":1}'].map(decodeFrame), [null, null, null, null, null]);
});

test("a secure page uses a secure socket", () => {
  assert.equal(channelsURL("https://hub.example", "k/1", "1.0"), "wss://hub.example/app/k%2F1?protocol=7&client=dashboard&version=1.0");
});
