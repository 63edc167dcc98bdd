/**
 * Automatic, light or dark. The choice is kept in this browser; the theme in force is `data-theme` of the document,
 * and the event `themechange` on the document tells charts to take their colours anew.
 */
import { kept, keep } from "./browser-storage.js";
import { element } from "./element.js";
import { icon } from "./icons.js";

const choices = ["auto", "light", "dark"];
const names = { auto: "Automatic", light: "Light", dark: "Dark" };
const system = matchMedia("(prefers-color-scheme: dark)");

let choice = choices.includes(kept("theme")) ? kept("theme") : "auto";
system.addEventListener("change", apply);

/** A button that goes through the choices. */
export function themeButton() {
  const button = element("button", { type: "button", class: "quiet theme-button", onclick: advance });
  show();
  return button;

  function advance() {
    choice = choices[(choices.indexOf(choice) + 1) % choices.length];
    keep("theme", choice);
    apply();
    show();
  }

  function show() {
    button.replaceChildren(icon(choice), element("span", { class: "button-text" }, names[choice]));
    button.setAttribute("aria-label", `Theme: ${names[choice]}`);
    button.title = `Theme: ${names[choice]}`;
  }
}

function apply() {
  const dark = choice === "dark" || (choice === "auto" && system.matches);
  document.documentElement.dataset.theme = dark ? "dark" : "light";
  document.dispatchEvent(new Event("themechange"));
}
