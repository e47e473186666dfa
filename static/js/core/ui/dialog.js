/**
 * One modal dialog: a title, a body, Escape and a press outside close it; a form in it shows
 * what was refused beside the field and stays open.
 */
import { t } from "../i18n.js";
import { el, iconButton, typed } from "./dom.js";

/** @typedef {{ message: string, field?: string }} Refusal */

/**
 * @param {string} title
 * @param {(Node | string)[]} body
 * @param {{ isFirm?: boolean }} [how] `isFirm`: only its own buttons end it.
 * @returns {{ dialog: HTMLDialogElement, closed: Promise<void> }}
 */
export function openDialog(title, body, { isFirm = false } = {}) {
  const dialog = el(
    "dialog.dialog",
    { "aria-label": title },
    el(
      "div.dialog-head",
      typed("h2", title),
      isFirm ? null : iconButton("close", t("Close"), () => dialog.close()),
    ),
    el("div.dialog-body", ...body),
  );
  const before = document.activeElement;
  const closed = new Promise((/** @type {(value: void) => void} */ resolve) => {
    dialog.addEventListener("close", () => {
      dialog.remove();
      // The focus may have gone on meanwhile, as to the composer of the room that was made here.
      const isFree = document.activeElement === document.body;
      if (isFree && before instanceof HTMLElement && before.isConnected)
        before.focus({ preventScroll: true });
      resolve();
    });
  });
  dialog.addEventListener("cancel", (event) => isFirm && event.preventDefault());
  dialog.addEventListener("pointerdown", (event) => {
    if (event.target === dialog && !isFirm && isOutside(dialog, event)) dialog.close();
  });
  document.body.append(dialog);
  dialog.showModal();
  const first = dialog.querySelector(".dialog-body :is(input, select, textarea, [data-first])");
  if (first instanceof HTMLElement) first.focus();
  return { dialog, closed };
}

/** @param {HTMLElement} dialog @param {PointerEvent} event */
function isOutside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return (
    event.clientX < box.left ||
    event.clientX > box.right ||
    event.clientY < box.top ||
    event.clientY > box.bottom
  );
}

/**
 * A labelled field with room for its error.
 * @param {string} name
 * @param {string} label
 * @param {{ value?: string, hint?: string, placeholder?: string, required?: boolean, maxlength?: number, list?: string }} [how]
 */
export function field(name, label, { hint, ...attributes } = {}) {
  const id = `dialog-${name}`;
  const note = `${id}-note`;
  return el(
    "div.field",
    el("label", { for: id }, label),
    el("input", {
      id,
      name,
      dir: "auto",
      autocomplete: "off",
      "aria-describedby": hint && note,
      ...attributes,
    }),
    hint && el("span.hint", { id: note }, hint),
  );
}

/**
 * A form whose submission may be refused with `{message, field?}`.
 * @param {HTMLElement[]} fields
 * @param {string} action The words on its button.
 * @param {(values: Record<string, string>) => unknown} submit May be async; throws a Refusal.
 * @param {() => void} done After it was taken.
 * @returns {HTMLElement}
 */
export function dialogForm(fields, action, submit, done) {
  const error = el("p.form-error", { role: "alert" });
  const form = el(
    "form.dialog-form",
    ...fields,
    error,
    el("div.dialog-foot", el("button.button", action)),
  );
  let isBusy = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (isBusy) return;
    isBusy = true;
    clearRefusal(form, error);
    try {
      await submit(valuesOf(form));
      done();
    } catch (refusal) {
      showRefusal(form, error, /** @type {Refusal} */ (refusal));
    } finally {
      isBusy = false;
    }
  });
  return form;
}

/**
 * A dialog with one form, which closes it.
 * @param {string} title
 * @param {HTMLElement[]} fields
 * @param {string} action The words on its button.
 * @param {(values: Record<string, string>) => unknown} submit May be async; throws a Refusal.
 * @returns {Promise<void>} when it is closed
 */
export function formDialog(title, fields, action, submit) {
  const form = dialogForm(fields, action, submit, () => dialog.close());
  const { dialog, closed } = openDialog(title, [form]);
  return closed;
}

/** @param {HTMLFormElement} form */
function valuesOf(form) {
  const values = new FormData(form);
  return Object.fromEntries([...values].map(([name, value]) => [name, String(value).trim()]));
}

/**
 * The sentence stands beside the field at fault, else over the button.
 * @param {HTMLFormElement} form
 * @param {HTMLElement} error
 * @param {Refusal} refusal
 */
function showRefusal(form, error, refusal) {
  error.textContent = refusal?.message || t("That did not work. Please try again.");
  const input = refusal?.field ? form.querySelector(`[name="${CSS.escape(refusal.field)}"]`) : null;
  const field = input?.closest(".field");
  if (field && input instanceof HTMLInputElement) {
    field.classList.add("has-error");
    field.append(error);
    input.setAttribute("aria-invalid", "true");
    input.focus();
  } else form.lastElementChild?.before(error);
}

/** @param {HTMLFormElement} form @param {HTMLElement} error */
function clearRefusal(form, error) {
  error.textContent = "";
  for (const field of form.querySelectorAll(".has-error")) field.classList.remove("has-error");
  for (const input of form.querySelectorAll("[aria-invalid]"))
    input.removeAttribute("aria-invalid");
}
