/** The content of a message: the server's HTML with what the page adds to it, and its fold. */
import { t, tn } from "../../core/i18n.js";
import { setServerHtml } from "../../core/trusted_types.js";
import { el, iconButton } from "../../core/ui/dom.js";
import { copyText } from "../../core/ui/prompts.js";
import { isLong, lineCount } from "./long_text.js";

/** @import { Me } from "../types.d.ts" */

/** @param {HTMLElement} content @param {string} html @param {Me} me */
export function putContent(content, html, me) {
  setServerHtml(content, html);
  for (const code of content.querySelectorAll("pre")) addCopyButton(code);
  // An element that scrolls inside itself must be reachable by keyboard.
  for (const wide of content.querySelectorAll("pre, table")) wide.setAttribute("tabindex", "0");
  for (const mention of content.querySelectorAll(".mention")) {
    const user = mention.getAttribute("data-user") ?? "";
    mention.classList.toggle("is-me", user === me.id);
    // ProfileCard opens it; it is a tab stop while its message has the focus.
    for (const [key, value] of Object.entries({
      "data-person": user,
      role: "button",
      tabindex: "-1",
    }))
      mention.setAttribute(key, value);
  }
}

/** @param {HTMLPreElement} code */
function addCopyButton(code) {
  const copy = iconButton("copy", t("Copy code"), () => copyText(code.textContent ?? ""));
  copy.classList.add("code-copy");
  const block = el("div.code-block");
  code.replaceWith(block);
  block.append(code, copy);
}

/**
 * Folds a long message, or shows all of it, with the button for the other.
 * @param {HTMLElement} content
 * @param {{ text: string, isOpen: boolean }} shown
 */
export function paintFold(content, { text, isOpen }) {
  const next = content.nextElementSibling;
  const held = next?.matches(".unfold") ? next : null;
  const isFoldable = isLong(text);
  content.classList.toggle("is-folded", isFoldable && !isOpen);
  if (!isFoldable) return held?.remove();
  const count = lineCount(text);
  const button = held ?? el("button.text-button.unfold", { type: "button" });
  button.setAttribute("aria-expanded", String(isOpen));
  button.textContent = isOpen
    ? t("Show less")
    : tn("Show all of {n} line", "Show all {n} lines", count);
  if (!held) content.after(button);
}

/**
 * Unfolds and folds messages of a list, by their button, and where the focus gets into the hidden part.
 * @param {HTMLElement} list
 * @param {(element: HTMLElement, isOpen: boolean) => void} toggle
 */
export function listenForFolds(list, toggle) {
  const messageOf = (/** @type {Element} */ inner) => {
    const message = inner.closest(".message");
    return message instanceof HTMLElement ? message : null;
  };
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest(".unfold") : null;
    const message = button && messageOf(button);
    if (message) toggle(message, button?.getAttribute("aria-expanded") !== "true");
  });
  list.addEventListener("focusin", ({ target }) => {
    const folded = target instanceof Element ? target.closest(".is-folded") : null;
    const message = folded && messageOf(folded);
    if (!folded || !message || !(target instanceof Element)) return;
    const edge = folded.getBoundingClientRect().bottom;
    if (target.getBoundingClientRect().bottom > edge || folded.scrollTop > 0) toggle(message, true);
  });
}
