/** The login page. */
import { textField } from "./dialog.js";
import { element } from "./element.js";
import { themeButton } from "./theme.js";

/**
 * @param api The hub.
 * @param onLogin Called when the hub has accepted.
 * @param reason Why the user is here again, or null.
 */
export function loginView({ api, onLogin, reason }) {
  const user = textField({ label: "User", name: "user", autocomplete: "username", autocapitalize: "none", required: true });
  const password = textField({ label: "Password", name: "password", type: "password", autocomplete: "current-password", required: true });
  const problem = element("p", { class: "problem", role: "alert", hidden: reason === null }, reason ?? "");
  const button = element("button", { type: "submit", class: "primary" }, "Log in");
  const form = element(
    "form",
    { class: "login-form", onsubmit: submit, noValidate: true },
    element("img", { src: "/icon.svg", alt: "", class: "login-mark", width: 72, height: 72 }),
    element("h1", {}, "iot hub"),
    element("p", { class: "login-lead" }, "Live values and lamps of your units."),
    problem,
    user.root,
    password.root,
    button,
    element("p", { class: "hint" }, "The hub printed the first password when it was started for the first time."),
  );
  return element("main", { class: "login" }, element("div", { class: "login-corner" }, themeButton()), form);

  async function submit(event) {
    event.preventDefault();
    if (!user.input.value || !password.input.value) {
      say("Enter the user and the password.");
      return;
    }
    button.disabled = true;
    try {
      await api.login(user.input.value, password.input.value);
      onLogin();
    } catch (error) {
      say(words(error));
      password.input.select();
    } finally {
      button.disabled = false;
    }
  }

  function say(text) {
    problem.textContent = text;
    problem.hidden = false;
  }
}

function words(error) {
  if (error.status === 401) return "The user or the password is wrong.";
  if (error.status === 429) {
    return error.retryAfter
      ? `Too many attempts. Try again in ${error.retryAfter} s.`
      : "Too many attempts. Wait a minute, then try again.";
  }
  return error.message;
}
