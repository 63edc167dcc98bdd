/** `/interface/{unit}`: plays the unit's part in this browser: streams a signal to everybody who watches the unit. */
import { DueSamples } from "./due-samples.js";
import { InterfaceView } from "./interface-view.js";
import { LiveDevice } from "./live-device.js";
import { deviceNumber, show, showNote, withSession } from "./page-frame.js";
import { SampleBuffer } from "./sample-buffer.js";
import { makeSignal } from "./signals.js";
import { encodeSample } from "./stream-message.js";

/** How often samples are made (milliseconds). */
const tickInterval = 10;
const figureInterval = 250;

const device = deviceNumber();
if (device === null) showNote("This address names no unit; it ends with the unit's number, such as /interface/5.");
else withSession(async (api) => {
  const { name } = await api.device(device);
  const { ticket, expiresAt } = await api.watchTicket(device);
  stream(name, { url: `${location.origin}/remote/${device}#${ticket}`, expiresAt });
});

function stream(name, link) {
  const buffer = new SampleBuffer(3000);
  const ticker = new Worker("/live/ticker.js");
  let choice = { signal: "sine", rate: 100 };
  let due = null;
  let signal = null;
  let sequence = 0;
  const about = () => ({ name, signal: choice.signal, rate: choice.rate, running: due !== null });
  const view = new InterfaceView({ name, link, buffer, choice, onStart: start, onStop: stop, onChoice: choose, onRetry: () => unit.start() });
  const unit = new LiveDevice({
    device, about, onPhase: (phase, detail) => view.showPhase(phase, detail), onChange: () => view.showClients(unit.clients),
  });
  document.title = `${name} interface · iot hub`;
  show(view.element);
  view.start();
  unit.start();
  ticker.onmessage = tick;
  setInterval(() => view.showFigures({ sequence, last: buffer.last, clients: unit.clients }), figureInterval);
  globalThis.addEventListener("online", () => unit.hurry());
  document.addEventListener("themechange", () => view.restyle());

  function start() {
    signal = makeSignal(choice.signal);
    due = new DueSamples(choice.rate, Date.now());
    ticker.postMessage(tickInterval);
    view.showRunning(true);
  }

  function stop() {
    due = null;
    ticker.postMessage(0);
    view.showRunning(false);
  }

  function choose(changes) {
    choice = { ...choice, ...changes };
    if (due !== null) start();
  }

  function tick() {
    if (due === null) return;
    const now = Date.now();
    for (const time of due.take(now)) {
      const sample = { sequence, time, value: signal(time / 1000) };
      sequence += 1;
      buffer.add(time, sample.value);
      unit.send(sample, encodeSample(sample), now);
    }
  }
}
