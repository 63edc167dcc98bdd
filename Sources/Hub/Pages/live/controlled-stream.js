/** A program streams as the unit: the page shows what and to whom, and starts, stops and changes it. */
import { InterfaceView } from "./interface-view.js";
import { LiveWatcher } from "./live-watcher.js";
import { show } from "./page-frame.js";
import { SampleBuffer } from "./sample-buffer.js";
import { StreamMeter } from "./stream-meter.js";

/** Ten seconds at 1000 values a second. */
const capacity = 10000;
const rates = [1, 10, 50, 100, 1000];
const names = { uniform: "Random", walk: "Walk", sine: "Sine", counter: "Counter", constant: "Constant", csv: "Recording" };

/**
 * @param control A DeviceControl that is started. @param state What the device has said first (stream-state.js).
 * @param ticket What allows to watch, or null. @param home Whether the dashboard can be seen. @param link For those who watch, or null.
 * @returns Who is told what the device says from then on: `{took(state), missed(), changed(phase, detail)}`.
 */
export function controlStream({ device, control, state, home, ticket, link }) {
  const buffer = new SampleBuffer(capacity);
  const meter = new StreamMeter();
  const isFree = state.mostRate !== null && state.signals.length > 0;
  const view = new InterfaceView({
    name: state.name, home, link, buffer, now: () => meter.deviceTime(Date.now()),
    note: isFree
      ? "A program plays the unit. This page starts, stops and changes it; it goes on without the page."
      : "The unit streams by itself what it measures.",
    signals: isFree ? state.signals.map((name) => ({ name, text: names[name.split(":")[0]] ?? name })) : [],
    rates: isFree ? offered(state) : [],
    choice: state,
    onStart: () => control.change({ running: true }),
    onStop: () => control.change({ running: false }),
    onChoice: (changes) => control.change(changes),
    onRetry: () => location.reload(),
  });
  const watcher = new LiveWatcher({ device, ticket, onState: () => {}, onMessage: received });
  let clients = [];
  document.title = `${state.name} interface · iot hub`;
  show(view.element);
  view.start();
  watcher.start();
  globalThis.addEventListener("online", () => control.hurry());
  document.addEventListener("themechange", () => view.restyle());
  return { took, missed, changed };

  function received(message) {
    const time = Date.now();
    if (message.type === "sample") {
      meter.took(message, time);
      buffer.add(message);
    } else meter.answered(message, time);
  }

  function took(state) {
    // This page watches too, for the sake of its plot; who controls with a link to watch is no watcher either.
    clients = state.clients.filter(({ id }) => id !== watcher.id && !id.startsWith("control-"));
    view.showPhase("open", null);
    view.showRunning(state.running);
    view.showChoice(state);
    view.showClients(clients);
    view.showFigures({ made: state.made, last: buffer.last, clients });
  }

  function missed() {
    view.showPhase("absent", null);
    view.showClients([]);
  }

  function changed(phase, detail) {
    // What is there is told by the device, not by the hub.
    if (phase !== "open") view.showPhase(phase, detail);
  }
}

/** Rates to choose from, with the present one. */
function offered({ rate, mostRate }) {
  const all = new Set([...rates.filter((each) => each <= mostRate), ...(rate === null ? [] : [rate])]);
  return [...all].sort((one, other) => one - other);
}
