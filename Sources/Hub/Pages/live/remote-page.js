/** `/remote/{unit}`: watches one unit live, with the ticket of a link or with the session of whoever is logged in. */
import { announce } from "../announcer.js";
import { element } from "../element.js";
import { LiveWatcher } from "./live-watcher.js";
import { deviceNumber, showNote, show, withSession } from "./page-frame.js";
import { RemoteView } from "./remote-view.js";
import { SampleBuffer } from "./sample-buffer.js";
import { StreamMeter } from "./stream-meter.js";

/** Ten minutes of 100 values a second. */
const capacity = 60000;
/** How often the numbers are shown anew (milliseconds): more often nobody can read them. */
const figureInterval = 200;

const device = deviceNumber();
const ticket = location.hash.slice(1);

if (device === null) showNote("This address names no unit; it ends with the unit's number, such as /remote/5.");
else if (ticket) watch(ticket, null);
else withSession(async (api) => {
  const [{ ticket: own }, { name }] = await Promise.all([api.watchTicket(device), api.device(device)]);
  watch(own, name);
});

/** @param name The unit's name, or null where only the unit can tell it. */
function watch(ticket, name) {
  const buffer = new SampleBuffer(capacity);
  const meter = new StreamMeter();
  let about = { name, running: null };
  let state = "reaching";
  const now = () => meter.deviceTime(Date.now());
  const view = new RemoteView({
    buffer, now, home: name !== null, title: name ?? `Unit ${device}`, onRetry: () => watcher.retry(),
  });
  const watcher = new LiveWatcher({ device, ticket, onState: changed, onMessage: received });
  show(view.element);
  setTitle();
  view.start();
  watcher.start();
  setInterval(showFigures, figureInterval);
  globalThis.addEventListener("online", () => watcher.retry());
  document.addEventListener("themechange", () => view.restyle());

  function changed(present, detail) {
    if (present !== state) announce(view.words(present, about.running));
    state = present;
    view.showState(state, detail, about.running);
  }

  function received(message) {
    const time = Date.now();
    if (message.type === "sample") {
      meter.took(message, time);
      buffer.add(message);
      return;
    }
    meter.answered(message, time);
    about = { ...message, name: name ?? message.name };
    setTitle();
    view.showAbout(about);
    view.showState(state, null, about.running);
  }

  function setTitle() {
    document.title = `${about.name ?? `Unit ${device}`} live · iot hub`;
  }

  function showFigures() {
    const time = Date.now();
    view.showFigures({
      last: buffer.last, rate: meter.rate(time), latency: meter.latency, lost: meter.lost, received: meter.received,
    });
  }
}
