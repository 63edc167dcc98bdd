/** What both live pages share: who the unit is, the header, the login where it is needed, numbers with a name. */
import { Api } from "../api.js";
import { HubClock } from "../clock.js";
import { element } from "../element.js";
import { icon } from "../icons.js";
import { loginView } from "../login.js";
import { themeButton } from "../theme.js";

const view = document.getElementById("view");

/** The number of the device that the page is about: `/remote/5`. Null where there is none. */
export function deviceNumber() {
  const number = Number(location.pathname.split("/")[2]);
  return Number.isSafeInteger(number) && number > 0 ? number : null;
}

export function show(...content) {
  view.replaceChildren(...content);
}

export function showNote(text) {
  show(element("p", { class: "page-note", role: "alert" }, text));
}

/**
 * The hub for somebody who is logged in; asks for the login first where it must, then goes on with `enter(api)`.
 */
export async function withSession(enter) {
  const api = new Api({ clock: new HubClock(), onLoggedOut: () => logIn() });
  try {
    const { user } = await api.session();
    if (user !== null) await enter(api);
  } catch (error) {
    if (error.status === 401) return;
    if (error.status === 404) showNote("There is no such unit. Go back to the dashboard and choose one.");
    else showNote(error.message);
  }

  function logIn() {
    show(loginView({ api, onLogin: () => withSession(enter), reason: null }));
    view.querySelector("input").focus();
  }
}

/** A pill as the dashboard has them: `show(mood, word, detail)`. */
export function pill(label, name) {
  const word = element("span", { class: "pill-word" });
  const detail = element("span", { class: "pill-detail" });
  const root = element(
    "p", { class: "pill", "data-pill": name, role: "status" },
    element("span", { class: "pill-dot", "aria-hidden": "true" }), element("span", { class: "pill-label" }, label), word, detail);
  return {
    element: root,
    show(mood, text, more = "") {
      root.dataset.mood = mood;
      word.textContent = text;
      detail.textContent = more;
    },
  };
}

/** The page's header. `home` is false for those who cannot see the dashboard. */
export function header(pills, home) {
  const mark = [element("img", { src: "/icon.svg", alt: "", width: 28, height: 28 }), "iot hub"];
  return element(
    "header", { class: "page-header" },
    home ? element("a", { class: "brand", href: "/", title: "Back to the devices" }, icon("back"), ...mark) : element("p", { class: "brand" }, ...mark),
    element("div", { class: "status-bar", role: "group", "aria-label": "Connections" }, ...pills.map((each) => each.element)),
    element("div", { class: "page-actions" }, themeButton()));
}

/** A number with its name; `show(text, unit)`. */
export function figure(name, key) {
  const value = element("span", { class: "figure-value" }, "–");
  const unit = element("span", { class: "figure-unit" });
  const root = element("div", { class: "figure", "data-figure": key },
    element("dt", {}, name), element("dd", {}, value, unit));
  return {
    element: root,
    show(text, of = "") {
      value.textContent = text;
      unit.textContent = of;
    },
  };
}

/** A value that is read while it changes: as many digits after the point as the range that is shown asks for. */
export function readable(value, range) {
  if (Math.abs(value) >= 1e9) return value.toExponential(3);
  if (Number.isInteger(value)) return String(value);
  const digits = Math.max(0, Math.min(9, 3 - Math.floor(Math.log10(range))));
  return value.toFixed(digits).replace(/^-(0(\.0*)?)$/, "$1");
}

/** A group of radio buttons as segments; `choices` are `{value, text}`. */
export function segments(legend, choices, present, onChoice) {
  const name = `segments-${legend.toLowerCase().replace(/\W+/g, "-")}`;
  const inputs = choices.map(({ value }) =>
    element("input", { type: "radio", name, value, checked: value === present, onchange: () => onChoice(value), class: "visually-hidden" }));
  const root = element(
    "fieldset", { class: "segments" }, element("legend", { class: "visually-hidden" }, legend),
    ...choices.map(({ text }, index) => element("label", { class: "segment" }, inputs[index], element("span", {}, text))));
  return {
    element: root,
    /** Shows what is chosen now, or nothing where it is none of the choices. */
    show(value) {
      inputs.forEach((input, index) => {
        input.checked = choices[index].value === value;
      });
    },
  };
}
