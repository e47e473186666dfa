/**
 * Shows who is typing, in a line of fixed height so that nothing moves.
 */
import { LOCALE, t, tNodes } from "../../core/i18n.js";
import { typed } from "../../core/ui/dom.js";
import { firstName } from "../../core/ui/format.js";

const NAMED = 3;
const list = new Intl.ListFormat(LOCALE);

export class TypingView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {string[]} names */
  set(names) {
    this.root.replaceChildren(...words(names));
  }
}

/** "Ben and Cleo are typing…": each name in its own direction. @param {string[]} names */
function words(names) {
  if (!names.length) return [];
  if (names.length > NAMED) return [t("Several people are typing…")];
  const parts = list
    .formatToParts(names.map(firstName))
    .map(({ type, value }) => (type === "element" ? typed("bdi", value) : value));
  const sentence =
    names.length === 1
      ? tNodes("{name} is typing…", { name: parts })
      : tNodes("{names} are typing…", { names: parts });
  return sentence.flat();
}
