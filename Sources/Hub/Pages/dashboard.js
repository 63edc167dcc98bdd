/**
 * The page after login: joins the live channel, the fleet's state and the cards.
 */
import { loadChartLibrary } from "./chart-library.js";
import { ChannelsConnection } from "./channels.js";
import { askForChanges, askForDevice, askToDelete } from "./device-dialogs.js";
import { DashboardView } from "./dashboard-view.js";
import { DeviceCard } from "./device-card.js";
import { Fleet } from "./fleet.js";
import { suggested } from "./found-unit.js";
import { FoundUnits } from "./found-units.js";
import { GridOrder } from "./grid-order.js";
import { LampContent } from "./lamp-content.js";
import { keptRange } from "./range-choice.js";
import { ReadContent } from "./read-content.js";

/** How often ages are shown anew (milliseconds). */
const tickInterval = 1000;

export class Dashboard {
  element;
  #api;
  #clock;
  #session;
  #view;
  #found;
  #fleet = new Fleet();
  #cards = new Map();
  #order;
  #connection;
  #range = keptRange();
  #chartLibrary = null;
  /** How many fetches of everything are under way, and the events that arrived meanwhile. */
  #reloads = 0;
  #held = [];
  #ending = new AbortController();
  #ticking = null;
  #sight;

  /**
   * @param session As GET /api/session gives it.
   * @param onLogout Called when the user wants to leave.
   */
  constructor({ api, clock, session, onLogout }) {
    this.#api = api;
    this.#clock = clock;
    this.#session = session;
    this.#found = new FoundUnits({
      now: () => clock.now(),
      onAdd: (unit) => askForDevice((device) => this.#change(() => api.createDevice(device)), suggested(unit)),
      onDismiss: (unit) => this.#try(() => this.#change(() => api.dismissUnit(unit.ip))),
    });
    this.#view = new DashboardView({
      found: this.#found.element,
      user: session.user,
      onLogout,
      onAdd: () => askForDevice((device) => this.#change(() => api.createDevice(device))),
      onRange: (range) => this.#setRange(range),
      onRetry: () => this.#connection.hurry(),
    });
    this.element = this.#view.element;
    this.#order = new GridOrder({
      grid: this.#view.grid,
      order: () => this.#fleet.order,
      onOrder: (order) => this.#keepOrder(order),
    });
    this.#sight = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: "100px" });
    this.#connection = new ChannelsConnection({
      origin: location.origin,
      channel: session.channel,
      session: (renew) => this.#key(renew),
      authorize: (socketID, channel) => api.authorize(socketID, channel),
      onPhase: (phase, detail) => this.#phase(phase, detail),
      onEvent: (event, data) => this.#received(event, data),
    });
  }

  async start() {
    const { signal } = this.#ending;
    this.#chartLibrary = await loadChartLibrary(this.#session.chart);
    if (signal.aborted) return;
    this.#ticking = setInterval(() => this.#tick(), tickInterval);
    globalThis.addEventListener("online", () => this.#connection.hurry(), { signal });
    document.addEventListener("visibilitychange", () => document.hidden || this.#connection.hurry(), { signal });
    document.addEventListener("themechange", () => this.#restyle(), { signal });
    this.#connection.start();
  }

  stop() {
    this.#ending.abort();
    clearInterval(this.#ticking);
    this.#connection.stop();
    this.#sight.disconnect();
    for (const card of this.#cards.values()) card.stop();
    document.querySelectorAll("dialog").forEach((dialog) => dialog.close());
  }

  async #key(renew) {
    if (renew) this.#session = await this.#api.session();
    return { key: this.#session.app.key };
  }

  #phase(phase, detail) {
    this.#view.showPhase(phase, detail);
    if (phase === "live") this.#reload({ history: true });
  }

  /**
   * Fetches everything anew. Events that arrive meanwhile are held back and applied afterwards, so none is lost and
   * none is older than what it changes.
   */
  async #reload({ history }) {
    this.#reloads += 1;
    try {
      const [devices, base, requests, found] = await Promise.all([
        this.#api.devices(), this.#api.base(), this.#api.requests(), this.#api.foundUnits(),
      ]);
      if (this.#ending.signal.aborted) return;
      this.#view.showProblem(null);
      this.#found.show(found);
      const known = [...this.#cards.values()];
      this.#apply(this.#fleet.load(devices, base, requests));
      if (history) for (const card of known) card.content.load?.();
    } catch (error) {
      this.#view.showProblem(error.message);
    } finally {
      this.#reloads -= 1;
      if (this.#reloads === 0) for (const { event, data } of this.#held.splice(0)) this.#apply(this.#fleet.on(event, data));
    }
  }

  #received(event, data) {
    if (event === "units.found") this.#try(async () => this.#found.show(await this.#api.foundUnits()));
    else if (this.#reloads > 0) this.#held.push({ event, data });
    else this.#apply(this.#fleet.on(event, data));
  }

  #apply(changes) {
    for (const change of changes) this.#applyOne(change);
    this.#view.showCount(this.#fleet.order.length);
  }

  #applyOne({ kind, id, state, request }) {
    switch (kind) {
      case "device":
        this.#showDevice(this.#fleet.devices.get(id));
        break;
      case "state":
        this.#cards.get(id)?.take(state);
        this.#cards.get(id)?.tick(this.#clock.now());
        this.#view.status.showBase(this.#fleet.base, this.#clock.now());
        break;
      case "request":
        this.#cards.get(id)?.content.showRequest?.(request);
        break;
      case "removed":
        this.#removeCard(id);
        break;
      case "order":
        this.#order.arrange();
        break;
      case "base":
        this.#view.status.showBase(this.#fleet.base, this.#clock.now());
        break;
    }
  }

  #showDevice(device) {
    const known = this.#cards.get(device.id);
    if (known) {
      known.show(device);
      return;
    }
    const content = device.kind === "updatable" ? this.#lamp(device) : this.#reader(device);
    const card = new DeviceCard(device, content, {
      edit: (present) => askForChanges(present, (changes) => this.#change(() => this.#api.changeDevice(present.id, changes))),
      setActive: (present, active) => this.#try(() => this.#change(() => this.#api.changeDevice(present.id, { active }))),
      remove: (present) => askToDelete(present, () => this.#change(() => this.#api.deleteDevice(present.id))),
    });
    this.#cards.set(device.id, card);
    this.#order.add(device.id, card);
    this.#view.grid.append(card.element);
    this.#sight.observe(card.element);
    content.tick(this.#clock.now());
    content.load?.();
  }

  #lamp({ id }) {
    return new LampContent({ send: (payload) => this.#api.request(id, payload) });
  }

  #reader(device) {
    return new ReadContent({ device, api: this.#api, clock: this.#clock, range: this.#range, chartLibrary: this.#chartLibrary });
  }

  #removeCard(id) {
    const card = this.#cards.get(id);
    if (!card) return;
    this.#sight.unobserve(card.element);
    this.#order.remove(id);
    this.#cards.delete(id);
    card.stop();
  }

  /** Makes a change at the hub; the page does not depend on the live channel to show it. */
  async #change(call) {
    await call();
    await this.#reload({ history: false });
  }

  /** For what has no dialog that could show its error. */
  async #try(action) {
    try {
      await action();
    } catch (error) {
      this.#view.showProblem(error.message);
    }
  }

  #keepOrder(order) {
    const before = this.#fleet.order;
    this.#apply(this.#fleet.reorder(order));
    this.#try(async () => {
      try {
        await this.#api.keepOrder(order);
      } catch (error) {
        this.#apply(this.#fleet.reorder(before));
        throw error;
      }
    });
  }

  #setRange(range) {
    this.#range = range;
    for (const { content } of this.#cards.values()) content.setRange?.(range);
  }

  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      this.#cards.get(Number(target.dataset.device))?.content.setVisible?.(isIntersecting);
    }
  }

  #restyle() {
    for (const { content } of this.#cards.values()) content.restyle?.();
  }

  #tick() {
    if (document.hidden) return;
    const now = this.#clock.now();
    for (const card of this.#cards.values()) card.tick(now);
    this.#found.tick();
    this.#view.status.tick(now);
  }
}
