/**
 * Pusher protocol 7 from the client's side as plain functions: frames and what to do after a close.
 */

/** Reads a frame; null when it is none. In frames from the server `data` is JSON inside a string. */
export function decodeFrame(text) {
  const frame = parsed(text);
  if (typeof frame !== "object" || frame === null || typeof frame.event !== "string") return null;
  const data = typeof frame.data === "string" ? parsed(frame.data) : frame.data;
  return { event: frame.event, channel: frame.channel ?? null, data: data ?? null };
}

/** Writes a frame to the server; there `data` is an object. */
export function encodeFrame(event, data = {}) {
  return JSON.stringify({ event, data });
}

/** The address of the WebSocket for a page that came from `origin`. */
export function channelsURL(origin, key, version) {
  const url = new URL(`/app/${encodeURIComponent(key)}`, origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  url.search = new URLSearchParams({ protocol: "7", client: "dashboard", version }).toString();
  return url.href;
}

/** The longest pause between two attempts, in milliseconds. */
export const longestPause = 15000;

/**
 * What to do after a close.
 *
 * @param code The close code; 1006 when there was none.
 * @param attempts How many attempts in a row have failed, this one included; at least 1.
 * @param random A number in 0..<1, for the jitter.
 * @returns `{pause}` in milliseconds before the next attempt, and `renew`: whether to ask the hub for a new
 *   session first because the same attempt again cannot succeed (4000 to 4099).
 */
export function afterClose(code, attempts, random) {
  const ceiling = Math.min(longestPause, 500 * 2 ** (attempts - 1));
  const backoff = Math.round(ceiling / 2 + (ceiling / 2) * random);
  if (code >= 4000 && code < 4100) return { pause: Math.max(1000, backoff), renew: true };
  if (code >= 4100 && code < 4200) return { pause: Math.max(1000, backoff), renew: false };
  if (code >= 4200 && code < 4300 && attempts === 1) return { pause: 0, renew: false };
  return { pause: backoff, renew: false };
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
