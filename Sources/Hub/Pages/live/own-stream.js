/** The page plays the unit's part: it makes the samples, and sends them to everybody who watches. */
import { DueSamples } from "./due-samples.js";
import { InterfaceView } from "./interface-view.js";
import { LiveDevice } from "./live-device.js";
import { show } from "./page-frame.js";
import { SampleBuffer } from "./sample-buffer.js";
import { makeSignal, signals } from "./signals.js";
import { encodeSample } from "./stream-message.js";

/** How often samples are made (milliseconds). */
const tickInterval = 10;
const figureInterval = 250;
const rates = [1, 10, 50, 100];

/** @param link For those who watch: `{url, expiresAt}`. */
export function streamHere({ device, name, link }) {
  const buffer = new SampleBuffer(3000);
  const ticker = new Worker("/live/ticker.js");
  let choice = { signal: "sine", rate: 100 };
  let due = null;
  let signal = null;
  let sequence = 0;
  const about = () => ({ name, signal: choice.signal, rate: choice.rate, running: due !== null });
  const view = new InterfaceView({
    name, home: true, note: "This page plays the unit: what it streams goes to everybody who watches.", link, buffer, now: Date.now, signals,
    rates, choice, onStart: start, onStop: stop, onChoice: choose, onRetry: () => unit.start(),
  });
  const unit = new LiveDevice({
    device, about, onPhase: (phase, detail) => view.showPhase(phase, detail), onChange: () => view.showClients(unit.clients),
  });
  show(view.element);
  view.start();
  unit.start();
  ticker.onmessage = tick;
  setInterval(() => view.showFigures({ made: sequence, last: buffer.last, clients: unit.clients }), figureInterval);
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
      buffer.add(sample);
      unit.send(sample, encodeSample(sample), now);
    }
  }
}
