/**
 * A modal question with fields. It stays open, with the reason in words, until its action succeeds or the user
 * gives up.
 */
import { element, uniqueID } from "./element.js";

/**
 * Opens the dialog.
 *
 * @param title What it asks.
 * @param fields Elements between the title and the buttons.
 * @param confirm The confirming button's text.
 * @param danger Whether confirming destroys something.
 * @param action An async function; its error's message is shown.
 * @param ready Whether confirming is allowed now; asked after each input.
 */
export function openDialog({ title, fields, confirm, danger = false, action, ready = () => true }) {
  const titleID = uniqueID("dialog");
  const problem = element("p", { class: "problem", role: "alert", hidden: true });
  const confirmButton = element("button", { type: "submit", class: danger ? "primary danger" : "primary" }, confirm);
  const cancelButton = element("button", { type: "button", class: "secondary", onclick: () => dialog.close() }, "Cancel");
  const form = element(
    "form",
    { method: "dialog", noValidate: true, onsubmit: submit, oninput: check },
    element("h2", { id: titleID }, title),
    ...fields,
    problem,
    element("div", { class: "dialog-buttons" }, cancelButton, confirmButton),
  );
  const dialog = element("dialog", { "aria-labelledby": titleID, onclose: () => dialog.remove() }, form);
  document.body.append(dialog);
  check();
  dialog.showModal();

  function check() {
    confirmButton.disabled = !ready();
  }

  async function submit(event) {
    event.preventDefault();
    if (!ready()) return;
    confirmButton.disabled = true;
    problem.hidden = true;
    try {
      await action();
      dialog.close();
    } catch (error) {
      problem.textContent = error.message;
      problem.hidden = false;
      check();
    }
  }
}

/** A labelled text field with an optional hint. */
export function textField({ label, value = "", hint = null, ...properties }) {
  const id = uniqueID("field");
  const hintID = hint ? `${id}-hint` : null;
  const input = element("input", {
    id, type: "text", value, autocomplete: "off", spellcheck: false, "aria-describedby": hintID, ...properties,
  });
  const root = element(
    "div",
    { class: "field" },
    element("label", { htmlFor: id }, label),
    input,
    hint ? element("p", { class: "hint", id: hintID }, hint) : null,
  );
  return { root, input };
}
