/** Starts the page: who is not logged in sees the login, who is sees the dashboard. */
import { Api } from "./api.js";
import { HubClock } from "./clock.js";
import { Dashboard } from "./dashboard.js";
import { element } from "./element.js";
import { loginView } from "./login.js";

/** The pause between two attempts to reach a hub that does not answer at the start (milliseconds). */
const retryPause = 3000;

const view = document.getElementById("view");
const clock = new HubClock();
const api = new Api({ clock, onLoggedOut: () => dashboard && showLogin("You have been logged out. Log in again to go on.") });
let dashboard = null;

enter();

async function enter() {
  let session;
  try {
    session = await api.session();
  } catch (error) {
    if (error.status === 401) showLogin(null);
    else showUnreachable(error.message);
    return;
  }
  dashboard = new Dashboard({ api, clock, session, onLogout: leave });
  document.title = "Devices · iot hub";
  view.replaceChildren(dashboard.element);
  dashboard.start();
}

async function leave() {
  try {
    await api.logout();
  } catch (error) {
    if (error.status !== 401) {
      showLogin(`You may still be logged in. ${error.message}`);
      return;
    }
  }
  showLogin(null);
}

function showLogin(reason) {
  dashboard?.stop();
  dashboard = null;
  document.title = "Log in · iot hub";
  view.replaceChildren(loginView({ api, onLogin: enter, reason }));
  view.querySelector("input").focus();
}

function showUnreachable(message) {
  view.replaceChildren(element("p", { class: "page-note", role: "alert" }, message));
  setTimeout(enter, retryPause);
}
