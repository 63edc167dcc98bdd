/** What the page of a unit that streams shows: what it streams, the link for others, and who they are. */
import { element, uniqueID } from "../element.js";
import { icon } from "../icons.js";
import { figure, header, pill, readable, segments } from "./page-frame.js";
import { Plot } from "./plot.js";

const phases = {
  connecting: ["pending", "connecting…"], open: ["good", "ready"], waiting: ["bad", "unreachable"], refused: ["bad", "refused"], absent: ["bad", "not there"],
  stopped: ["pending", "stopped"],
};
/** By a client's state: mood and words. */
const clientStates = {
  waiting: ["pending", "there, not asking"], connecting: ["pending", "connecting…"], direct: ["good", "live, direct"],
  relayed: ["pending", "live, through the hub"], gone: ["bad", "gone"],
};

export class InterfaceView {
  element;
  #plot;
  #hub = pill("Hub", "hub");
  #problem;
  #problemText = element("span", {});
  #toggle;
  #running = false;
  #count = element("span", { class: "count" }, "0");
  #clients = element("ul", { class: "client-list" });
  #rows = new Map();
  #idle = element("p", { class: "plot-note live-note" });
  #empty = element("p", { class: "hint" });
  #figures = { value: figure("Last value", "value"), sent: figure("Values made", "sent") };
  #signal;
  #rate;
  #onStart;
  #onStop;

  /**
   * @param home Whether whoever sees the page can see the dashboard. @param note Who it is that streams.
   * @param link `{url, expiresAt}` for those who watch; null where there is none.
   * @param now The device's time in milliseconds since 1970.
   * @param signals What can be chosen, `{name, text}`; @param rates in values a second. Where neither can, the unit streams by itself.
   */
  constructor({ name, home, note, link, buffer, now, signals, rates, choice, onStart, onStop, onChoice, onRetry }) {
    this.#onStart = onStart;
    this.#onStop = onStop;
    this.#signal = segments("Signal", signals.map((each) => ({ value: each.name, text: each.text })), choice.signal, (signal) => onChoice({ signal }));
    this.#rate = segments("Values a second", rates.map((rate) => ({ value: rate, text: `${rate}` })), choice.rate, (rate) => onChoice({ rate }));
    const isChoosable = signals.length > 0;
    this.#empty.textContent = link === null
      ? "Nobody is here yet." : "Nobody is here yet. Give somebody the link above, or open it in another window.";
    this.#idle.textContent = isChoosable ? "Nothing streams yet. Press Start." : "The unit has said nothing since this page was opened.";
    this.#problem = element("div", { class: "banner", role: "alert", hidden: true }, this.#problemText,
      element("button", { type: "button", class: "secondary", onclick: onRetry }, "Try again"));
    const canvas = element("canvas", { tabIndex: 0, role: "img", "aria-label": "What is streamed" });
    this.#plot = new Plot({ canvas, buffer, now });
    this.#toggle = element("button", { type: "button", class: "primary stream-button", onclick: () => (this.#running ? this.#onStop() : this.#onStart()) });
    this.element = element(
      "div", { class: "dashboard live-page interface-page" },
      header([this.#hub], home), this.#problem,
      element(
        "main", { class: "live-main" },
        element("div", { class: "live-title" }, element("h1", {}, name), element("p", { class: "hint" }, note)),
        element(
          "section", { class: "live-panel stream-panel", "aria-label": "Stream" },
          element("div", { class: "stream-controls", hidden: !isChoosable }, this.#toggle,
            labelled("Signal", this.#signal), labelled("Values a second", this.#rate)),
          element("div", { class: "live-plot small-plot" }, canvas, this.#idle),
          element("dl", { class: "figures" }, ...Object.values(this.#figures).map((each) => each.element))),
        link === null ? null : linkPanel(link),
        element("section", { class: "live-panel", "aria-label": "Remote clients" },
          element("h2", {}, "Watching now ", this.#count), this.#empty, this.#clients)));
    this.showRunning(false);
  }

  start() {
    this.#plot.start();
  }

  restyle() {
    this.#plot.restyle();
  }

  showRunning(running) {
    this.#running = running;
    this.#toggle.replaceChildren(icon(running ? "stop" : "play"), running ? "Stop" : "Start");
    this.#toggle.className = running ? "secondary stream-button" : "primary stream-button";
  }

  /** Somebody else may have chosen. */
  showChoice({ signal, rate }) {
    this.#signal.show(signal);
    this.#rate.show(rate);
  }

  showPhase(phase, detail) {
    this.#hub.show(...phases[phase]);
    this.#problem.hidden = phase !== "refused";
    this.#toggle.disabled = phase === "refused" && !this.#running;
    this.#problemText.textContent = detail ?? "";
  }

  showFigures({ made, last, clients }) {
    this.#idle.hidden = last !== null;
    if (last !== null) this.#figures.value.show(readable(last.value, this.#plot.range));
    this.#figures.sent.show(made.toLocaleString("en"));
    for (const client of clients) this.#rows.get(client.id)?.showSent(client);
  }

  showClients(clients) {
    const there = clients.filter(({ state }) => state !== "gone").length;
    this.#count.textContent = String(there);
    this.#empty.hidden = clients.length > 0;
    for (const [id, row] of this.#rows) {
      if (clients.some((client) => client.id === id)) continue;
      row.element.remove();
      this.#rows.delete(id);
    }
    for (const client of clients) {
      if (!this.#rows.has(client.id)) {
        const row = clientRow(client);
        this.#rows.set(client.id, row);
        this.#clients.append(row.element);
      }
      this.#rows.get(client.id).show(client);
    }
  }
}

function labelled(text, { element: control }) {
  return element("div", { class: "labelled" }, element("span", { class: "label", "aria-hidden": "true" }, text), control);
}

function clientRow({ id }) {
  const state = element("span", { class: "client-state" });
  const sent = element("span", { class: "client-sent" });
  const row = element("li", { class: "client", "data-client": id },
    element("span", { class: "pill-dot", "aria-hidden": "true" }), element("span", { class: "client-name mono" }, id), state, sent);
  return {
    element: row,
    show(client) {
      const [mood, words] = clientStates[client.state];
      row.dataset.state = client.state;
      row.dataset.mood = mood;
      state.textContent = words;
      this.showSent(client);
    },
    showSent({ sent: count, skipped }) {
      const left = skipped > 0 ? `, ${skipped.toLocaleString("en")} left out` : "";
      sent.textContent = count > 0 ? `${count.toLocaleString("en")} sent${left}` : "";
    },
  };
}

function linkPanel({ url, expiresAt }) {
  const id = uniqueID("link");
  const input = element("input", { id, type: "text", readOnly: true, value: url, class: "mono", onfocus: () => input.select() });
  const copied = element("span", { class: "hint", role: "status" });
  const day = new Date(expiresAt).toLocaleString("en", { dateStyle: "medium", timeStyle: "short" });
  return element(
    "section", { class: "live-panel link-panel" },
    element("h2", {}, element("label", { htmlFor: id }, "Link to watch")),
    element("p", { class: "hint" }, `Whoever has it can watch this unit, and nothing else, without an account until ${day}.`),
    element("div", { class: "link-row" }, input,
      element("button", { type: "button", class: "secondary", onclick: copy }, icon("copy"), "Copy"),
      element("a", { class: "secondary", href: url, target: "_blank", rel: "noopener" }, "Open")),
    isLoopback(new URL(url).hostname)
      ? element("p", { class: "notice" }, "This address is this machine's own. For others open this page under the address by which they reach the hub.") : null,
    copied);

  /** Browsers give a page that came without TLS no clipboard; the older way still works there. */
  async function copy() {
    input.select();
    let done = false;
    try {
      await navigator.clipboard.writeText(url);
      done = true;
    } catch {
      done = document.execCommand("copy");
    }
    copied.textContent = done ? "Copied." : "Copy the marked text by hand.";
  }
}

function isLoopback(host) {
  return host === "localhost" || host === "[::1]" || host.startsWith("127.");
}
