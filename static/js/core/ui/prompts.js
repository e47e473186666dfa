/**
 * Dialogs and messages of the page itself: confirmations, "sign in again", short toasts, refused requests.
 */

import { RequestError } from "../errors.js";
import { t, tn } from "../i18n.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";

/**
 * @param {{ title: string, text: string, action: string, danger?: boolean }} question
 * @returns {Promise<boolean>}
 */
export async function confirm({ title, text, action, danger = false }) {
  let isSure = false;
  const yes = () => {
    isSure = true;
    dialog.close();
  };
  const { dialog, closed } = openDialog(title, [
    el("p", text),
    el(
      "div.dialog-foot",
      el(
        "button.button.quiet",
        {
          type: "button",
          "data-first": true,
          onclick: () => dialog.close(),
        },
        t("Cancel"),
      ),
      el(
        "button",
        { type: "button", class: `button ${danger ? "danger" : ""}`, onclick: yes },
        action,
      ),
    ),
  ]);
  await closed;
  return isSure;
}

/** The session ended: what was written is kept. @param {{ href: string, waiting?: number }} where */
export function signInAgain({ href, waiting = 0 }) {
  const words = waiting
    ? tn(
        "Your session has ended. What you wrote is kept, also {n} message not sent yet.",
        "Your session has ended. What you wrote is kept, also {n} messages not sent yet.",
        waiting,
      )
    : t("Your session has ended. What you wrote is kept.");
  const { closed } = openDialog(
    t("Please sign in again"),
    [
      el("p", words),
      el("div.dialog-foot", el("a.button", { href, "data-first": true }, t("Sign in"))),
    ],
    { isFirm: true },
  );
  return closed;
}

const TOAST_MS = 3500;

/** A short word that goes by itself. @param {string} text */
export function showToast(text) {
  const toast = el("p.toast", text);
  document.getElementById("toasts")?.append(toast);
  setTimeout(() => toast.remove(), TOAST_MS);
}

/**
 * @template T
 * @param {Promise<T>} asked
 * @returns {Promise<T | undefined>} undefined where it failed, which the person was told
 */
export async function orShowError(asked) {
  try {
    return await asked;
  } catch (error) {
    if (!(error instanceof RequestError)) throw error;
    showToast(error.message);
    return undefined;
  }
}

/** @param {string} text */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    showToast(t("Copied"));
  } catch {
    // On a plain http address there is no clipboard.
    showToast(t("This browser does not let Parley copy. Select the text and copy it."));
  }
}
