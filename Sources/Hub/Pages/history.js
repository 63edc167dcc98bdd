/**
 * Fetches what a device has measured, newest first and page by page, so that a chart fills from its right edge and a
 * day at a value a second stays within the hub's limit for one answer.
 */

/** The most states that the hub gives in one answer. */
const pageSize = 10000;
/** The most answers that are asked for one chart. */
const pageLimit = 12;
/** How many charts fetch at the same time. */
const fetchLimit = 2;

const waiting = [];
let running = 0;

/**
 * @param api The hub.
 * @param id The device.
 * @param from The oldest time of interest, in milliseconds since 1970.
 * @param signal Ends the fetching early, without an error.
 * @param onStates Told each page: states oldest first.
 */
export async function fetchHistory(api, id, { from, signal, onStates }) {
  await place();
  try {
    let to = null;
    for (let page = 0; page < pageLimit && !signal.aborted; page += 1) {
      const states = await api.states(id, { from, to, limit: pageSize, signal });
      onStates(states);
      if (states.length < pageSize) return;
      to = Date.parse(states[0].at) - 1;
      if (to <= from) return;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    const next = waiting.shift();
    if (next) next();
    else running -= 1;
  }
}

/** Waits for one of the places; whoever leaves hands its place on. */
async function place() {
  if (running >= fetchLimit) await new Promise((resolve) => waiting.push(resolve));
  else running += 1;
}
