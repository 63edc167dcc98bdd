/**
 * The hub's JSON API. Each call gives the answer's JSON or throws an `ApiError` whose message can be shown as it is.
 */

/** No answer may take longer (milliseconds). */
const answerLimit = 15000;

export class ApiError extends Error {
  /**
   * @param code The hub's error code, or `unreachable` when it did not answer at all.
   * @param message A sentence for people.
   * @param status The HTTP status, 0 without one.
   * @param retryAfter Seconds to wait before the next attempt, where the hub says so.
   */
  constructor(code, message, status = 0, retryAfter = null) {
    super(message);
    this.name = "ApiError";
    this.code = code;
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

export class Api {
  #clock;
  #onLoggedOut;

  /**
   * @param clock The HubClock that learns from every answer.
   * @param onLoggedOut Called when the hub no longer knows the session.
   */
  constructor({ clock, onLoggedOut }) {
    this.#clock = clock;
    this.#onLoggedOut = onLoggedOut;
  }

  session = () => this.#call("GET", "/api/session");
  login = (user, password) => this.#call("POST", "/api/login", { user, password });
  logout = () => this.#call("POST", "/api/logout", {});
  base = () => this.#call("GET", "/api/base");
  devices = async () => (await this.#call("GET", "/api/devices")).devices;
  device = async (id) => (await this.#call("GET", `/api/devices/${id}`)).device;
  watchTicket = (id) => this.#call("POST", `/api/devices/${id}/watch-tickets`, {});
  requests = async () => (await this.#call("GET", "/api/requests")).requests;
  foundUnits = async () => (await this.#call("GET", "/api/found-units")).units;
  dismissUnit = (ip) => this.#call("DELETE", `/api/found-units/${ip}`, {});
  createDevice = (device) => this.#call("POST", "/api/devices", device);
  changeDevice = (id, changes) => this.#call("PATCH", `/api/devices/${id}`, changes);
  deleteDevice = (id) => this.#call("DELETE", `/api/devices/${id}`, {});
  keepOrder = (order) => this.#call("PUT", "/api/blocks", { order });
  request = (id, payload) => this.#call("POST", `/api/devices/${id}/requests`, { payload });

  /** The newest `limit` states between two times (milliseconds since 1970), oldest first. */
  async states(id, { from, to, limit, signal }) {
    const query = new URLSearchParams({ from: new Date(from).toISOString(), limit: String(limit) });
    if (to !== null) query.set("to", new Date(to).toISOString());
    return (await this.#call("GET", `/api/devices/${id}/states?${query}`, undefined, signal)).states;
  }

  /** The signature that a private channel asks for. */
  async authorize(socketID, channel) {
    const answer = await this.#call("POST", "/api/broadcasting/auth", { socket_id: socketID, channel_name: channel });
    return answer.auth;
  }

  async #call(method, path, body, signal) {
    const limit = AbortSignal.timeout(answerLimit);
    let response;
    try {
      response = await fetch(path, {
        method,
        headers: body === undefined ? {} : { "Content-Type": "application/json" },
        body: body === undefined ? undefined : JSON.stringify(body),
        cache: "no-store",
        signal: signal ? either(signal, limit) : limit,
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new ApiError("unreachable", "The hub does not answer. Check that it is running, then try again.");
    }
    this.#clock.observe(response.headers.get("Date"));
    const answer = await response.json().catch(() => null);
    if (response.ok) return answer;
    if (response.status === 401 && path !== "/api/login") this.#onLoggedOut();
    throw new ApiError(
      answer?.error?.code ?? "unknown",
      answer?.error?.message ?? `The hub answered with status ${response.status}.`,
      response.status,
      Number(response.headers.get("Retry-After")) || null,
    );
  }
}

/** A signal that aborts when one of two does. */
function either(one, other) {
  const both = new AbortController();
  for (const signal of [one, other]) {
    if (signal.aborted) both.abort(signal.reason);
    signal.addEventListener("abort", () => both.abort(signal.reason), { once: true });
  }
  return both.signal;
}
