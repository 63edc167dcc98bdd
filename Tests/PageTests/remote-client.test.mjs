import assert from "node:assert/strict";
import { test } from "node:test";
import { RemoteClient } from "../../Sources/Hub/Pages/live/remote-client.js";

function client() {
  const sent = [];
  const made = new RemoteClient({
    id: "ann", send: (type, payload) => sent.push({ type, at: payload.at }), about: () => ({ name: "lamp" }), onChange: () => {},
  });
  return { made, sent };
}

test("one that asks once a second through the hub is answered each time, and gone when it has not asked for five", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { made, sent } = client();
  for (let at = 0; at < 20; at += 1) {
    made.relayAsked({ type: "ping", at });
    context.mock.timers.tick(1000);
  }
  assert.deepEqual(sent, Array.from({ length: 20 }, (_, at) => ({ type: "RELAY", at })));
  assert.equal(made.state, "relayed");
  context.mock.timers.tick(4000);
  assert.equal(made.state, "gone");
});

test("one that asks without end is answered four times, then twice a second, and stays", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout", "Date"] });
  const { made, sent } = client();
  for (let at = 0; at < 1000; at += 1) {
    made.relayAsked({ type: "ping", at });
    context.mock.timers.tick(10);
  }
  assert.equal(sent.length, 4 + 19);
  assert.equal(made.state, "relayed");
});
