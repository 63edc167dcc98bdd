/**
 * A device's card: grip, name, menu, notices, and between them what the device's kind shows.
 */
import { element, uniqueID } from "./element.js";
import { icon } from "./icons.js";
import { menu } from "./menu.js";

export class DeviceCard {
  element;
  grip;
  #device;
  #content;
  #name;
  #address;
  #live;
  #notice;

  /**
   * @param device As the hub gives it.
   * @param content `element`, `show(device)`, `take(state)`, `tick(now)`, `stop()`.
   * @param actions `edit(device)`, `setActive(device, active)`, `remove(device)`.
   */
  constructor(device, content, actions) {
    this.#device = device;
    this.#content = content;
    const nameID = uniqueID("device");
    this.grip = element("button", { type: "button", class: "grip", title: "Drag, or use the arrow keys, to move" }, icon("grip"));
    this.#name = element("h2", { id: nameID, class: "card-name" });
    this.#address = element("span", { class: "card-address mono" });
    this.#live = element("a", { class: "quiet icon-button watch-live", href: `/remote/${device.id}`, title: "Watch live" }, icon("live"));
    this.#notice = element("p", { class: "notice", hidden: true });
    this.element = element(
      "article",
      { class: `card ${device.kind}`, "aria-labelledby": nameID, "data-device": device.id },
      element(
        "header",
        { class: "card-header" },
        this.grip,
        element("div", { class: "card-title" }, this.#name, this.#address),
        this.#live,
        menu(`Actions for ${device.name}`, () => this.#menuItems(actions)),
      ),
      this.#notice,
      content.element,
    );
    this.show(device);
  }

  get name() {
    return this.#device.name;
  }

  /** Shows the device's present name, address and state. */
  show(device) {
    this.#device = device;
    this.#name.textContent = device.name;
    this.#name.title = device.name;
    this.#address.textContent = device.address;
    this.grip.setAttribute("aria-label", `Move ${device.name} with the arrow keys`);
    this.element.querySelector(".menu > button").setAttribute("aria-label", `Actions for ${device.name}`);
    this.#live.setAttribute("aria-label", `Watch ${device.name} live`);
    this.element.classList.toggle("inactive", !device.active);
    this.#notice.hidden = device.active;
    this.#notice.textContent = device.active ? "" : "Inactive. The hub keeps no values and sends nothing.";
    this.#content.show(device);
  }

  /** Takes a new value. */
  take(state) {
    this.#content.take(state);
  }

  /** Lets ages and charts follow the time at the hub. */
  tick(now) {
    this.#content.tick(now);
  }

  stop() {
    this.#content.stop();
  }

  get content() {
    return this.#content;
  }

  #menuItems({ edit, setActive, remove }) {
    const device = this.#device;
    return [
      { text: "Stream as this unit", action: () => location.assign(`/interface/${device.id}`) },
      { text: "Edit…", action: () => edit(device) },
      device.active
        ? { text: "Deactivate", action: () => setActive(device, false) }
        : { text: "Activate", action: () => setActive(device, true) },
      { text: "Delete…", action: () => remove(device), danger: true },
    ];
  }
}
