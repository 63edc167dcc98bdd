/** The questions about a device: create, edit, delete. */
import { openDialog, textField } from "./dialog.js";
import { element, uniqueID } from "./element.js";

const kinds = [
  { kind: "read", name: "Read unit", about: "Sends a value every second, such as a light sensor." },
  { kind: "updatable", name: "Lamp", about: "Takes a colour, such as an LED ring." },
];

/**
 * Asks for a new device; `create` gets `{name, kind, address, active}`.
 *
 * @param suggestion What the fields start with.
 */
export function askForDevice(create, suggestion = { name: "", kind: "read", address: "" }) {
  const name = nameField(suggestion.name);
  const address = addressField(suggestion.address);
  const choice = kindChoice(suggestion.kind);
  openDialog({
    title: "Add a device",
    fields: [name.root, choice.root, address.root],
    confirm: "Add device",
    ready: () => name.input.value.trim() !== "" && address.input.value.trim() !== "",
    action: async () => {
      const device = { name: name.input.value.trim(), kind: choice.kind(), address: checked(address), active: true };
      await create(device);
    },
  });
}

/** Asks for a device's name, address and whether it is active; `change` gets what differs. */
export function askForChanges(device, change) {
  const name = nameField(device.name);
  const address = addressField(device.address);
  const active = element("input", { type: "checkbox", checked: device.active, class: "switch", role: "switch" });
  openDialog({
    title: `Edit ${device.name}`,
    fields: [
      name.root,
      address.root,
      element("label", { class: "switch-row" }, active, element("span", {}, "Active")),
      element("p", { class: "hint" }, "The hub keeps no values of an inactive device and sends it no colours."),
    ],
    confirm: "Save",
    ready: () => name.input.value.trim() !== "" && address.input.value.trim() !== "",
    action: async () => {
      const wanted = { name: name.input.value.trim(), address: checked(address), active: active.checked };
      const changes = Object.fromEntries(Object.entries(wanted).filter(([key, value]) => device[key] !== value));
      if (Object.keys(changes).length > 0) await change(changes);
    },
  });
}

/** Asks whether a device may be deleted; the answer is its name. */
export function askToDelete(device, remove) {
  const answer = textField({ label: `Type “${device.name}” to confirm`, autofocus: true });
  openDialog({
    title: `Delete ${device.name}?`,
    fields: [
      element("p", {}, "The device, its place on this page and every value it has sent are deleted. This cannot be undone."),
      answer.root,
    ],
    confirm: "Delete device",
    danger: true,
    ready: () => answer.input.value.trim() === device.name,
    action: remove,
  });
}

function nameField(value) {
  return textField({ label: "Name", value, maxLength: 80, autofocus: true });
}

function addressField(value) {
  return textField({
    label: "Address",
    value,
    maxLength: 15,
    inputMode: "decimal",
    class: "mono",
    hint: "The unit's IPv4 address as its console prints it, for example 192.168.1.42.",
  });
}

/** The address that was typed. */
function checked({ input }) {
  const address = input.value.trim();
  const parts = address.split(".");
  const valid = parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  if (!valid) {
    input.focus();
    throw new Error(`“${address}” is no IPv4 address. Write four numbers from 0 to 255 with dots, such as 192.168.1.42.`);
  }
  return address;
}

function kindChoice(present) {
  const group = uniqueID("kind");
  const inputs = kinds.map(({ kind }) =>
    element("input", { type: "radio", name: group, value: kind, checked: kind === present }));
  const root = element(
    "fieldset",
    { class: "field kind-choice" },
    element("legend", {}, "Kind"),
    ...kinds.map(({ name, about }, index) =>
      element("label", {}, inputs[index], element("span", {}, element("strong", {}, name), element("small", {}, about)))),
  );
  return { root, kind: () => inputs.find((input) => input.checked).value };
}
