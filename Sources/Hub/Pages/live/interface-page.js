/**
 * `/interface/{unit}`: streams a signal to everybody who watches the unit. Where a program streams as the unit already the page controls that
 * one; else, for whoever is logged in, the page itself plays the unit's part.
 */
import { controlStream } from "./controlled-stream.js";
import { DeviceControl } from "./device-control.js";
import { streamHere } from "./own-stream.js";
import { deviceNumber, showNote, withSession } from "./page-frame.js";

const device = deviceNumber();
const ticket = location.hash.slice(1);

if (device === null) showNote("This address names no unit; it ends with the unit's number, such as /interface/5.");
else if (ticket) control(ticket, null);
else withSession(async (api) => {
  const { name } = await api.device(device);
  const { ticket: watching, expiresAt } = await api.watchTicket(device);
  control(null, { name, ticket: watching, link: { url: `${location.origin}/remote/${device}#${watching}`, expiresAt } });
});

/**
 * @param ticket What allows to control the device; null for a session.
 * @param own The device as the hub knows it, for whoever is logged in; null for others.
 */
function control(ticket, own) {
  let stream = null;
  const control = new DeviceControl({ device, token: ticket, onState: took, onAbsent: missed, onPhase: changed });
  control.start();
  if (own === null) showNote("Looking for the unit…");

  function took(state) {
    stream ??= controlStream({
      device, control, state, home: own !== null, ticket: own?.ticket ?? ticket, link: own?.link ?? link(state.link),
    });
    stream.took(state);
  }

  function missed() {
    if (stream !== null) stream.missed();
    else if (own === null) showNote("Nothing streams as this unit at the moment. This page goes on when it does.");
    else {
      control.stop();
      stream = streamHere({ device, name: own.name, link: own.link });
    }
  }

  function changed(phase, detail) {
    if (stream?.changed) stream.changed(phase, detail);
    else if (phase === "refused" && own === null) {
      showNote("This link is not good any more, or was not copied in full. Ask for a new one.");
    }
  }
}

/** The device's own link, where it gives one: a path of this hub. */
function link(given) {
  return given === null ? null : { url: new URL(given.path, location.origin).href, expiresAt: given.expiresAt };
}
