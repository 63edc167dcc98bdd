/**
 * Times as people read them. All times are milliseconds since 1970, all spans milliseconds.
 */

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** "just now", "3 s ago", "4 min ago", "2 h ago", "3 days ago". A time in the future is now. */
export function age(milliseconds) {
  if (milliseconds < 1.5 * second) return "just now";
  if (milliseconds < minute) return `${Math.round(milliseconds / second)} s ago`;
  if (milliseconds < hour) return `${Math.floor(milliseconds / minute)} min ago`;
  if (milliseconds < 2 * day) return `${Math.floor(milliseconds / hour)} h ago`;
  return `${Math.floor(milliseconds / day)} days ago`;
}

/** Whether a value is older than its source's rhythm explains: five usual intervals, at least ten seconds. */
export function isStale(milliseconds, usualInterval) {
  return milliseconds > Math.max(10 * second, 5 * (usualInterval ?? 0));
}

const tickSteps = [
  5 * second, 10 * second, 15 * second, 30 * second,
  minute, 2 * minute, 5 * minute, 10 * minute, 15 * minute, 30 * minute,
  hour, 2 * hour, 3 * hour, 6 * hour, 12 * hour, day,
];

/**
 * Round local times between `from` and `to`, at most `limit` of them, with the step between them.
 *
 * `zoneOffset` is what is added to UTC to get local time, in milliseconds.
 */
export function clockTicks(from, to, limit, zoneOffset) {
  const span = Math.max(1, to - from);
  const step = tickSteps.find((candidate) => span / candidate <= limit) ?? Math.ceil(span / limit / day) * day;
  const times = [];
  const first = Math.ceil((from + zoneOffset) / step) * step - zoneOffset;
  for (let time = first; time <= to && times.length < limit; time += step) times.push(time);
  return { step, times };
}

/** "14:05", or "14:05:30" where seconds matter. */
export function clockLabel(time, withSeconds) {
  const date = new Date(time);
  const parts = [date.getHours(), date.getMinutes()];
  if (withSeconds) parts.push(date.getSeconds());
  return parts.map((part) => String(part).padStart(2, "0")).join(":");
}

/** What is added to UTC to get the local time at `time`. */
export function localZoneOffset(time) {
  return -new Date(time).getTimezoneOffset() * minute;
}
