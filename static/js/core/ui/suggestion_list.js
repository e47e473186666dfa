/**
 * Suggestions over a text that is being written: the focus stays in the text, arrows choose, Enter or
 * Tab takes one, Escape puts the list away. The list has the ARIA roles of a listbox.
 * @see https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
 */
import { el } from "./dom.js";

/**
 * @template T
 * @typedef {object} SuggestionOptions
 * @property {string} id of the list
 * @property {string} label
 * @property {(suggestion: T) => (Node | string | null)[]} row the content of a suggestion
 * @property {(suggestion: T) => string} [title] its whole name
 * @property {(suggestion: T) => void} onChoose
 * @property {() => void} [onDismiss] Escape
 * @property {(count: number) => string} announcement for screen readers
 */

/** @template T */
export class SuggestionList {
  /** @type {T[]} */
  #found = [];
  #index = 0;

  /** @param {HTMLTextAreaElement} text @param {SuggestionOptions<T>} options */
  constructor(text, options) {
    this.#text = text;
    this.#options = options;
    this.#list = el("div.completion", {
      id: options.id,
      role: "listbox",
      "aria-label": options.label,
      hidden: true,
      // The focus stays in the text.
      onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
    });
    this.#status = el("p.visually-hidden", { role: "status" });
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-haspopup", "listbox");
    text.closest("form")?.append(this.#list, this.#status);
  }

  #text;
  #options;
  #list;
  #status;

  /** Of the suggestion that Enter takes. */
  get index() {
    return this.#index;
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  /** @param {T[]} found none closes it @param {number} [index] of the one that Enter takes */
  show(found, index = 0) {
    if (found.length === 0) return this.close();
    const { id, row, title, onChoose, announcement } = this.#options;
    this.#found = found;
    this.#index = Math.min(index, found.length - 1);
    const rows = found.map((each, at) =>
      el(
        "div.completion-row",
        { id: `${id}-${at}`, role: "option", title: title?.(each), onclick: () => onChoose(each) },
        ...row(each),
      ),
    );
    this.#list.replaceChildren(...rows);
    if (!this.isOpen) this.#status.textContent = announcement(found.length);
    this.#list.hidden = false;
    this.#text.setAttribute("aria-controls", id);
    this.#mark();
  }

  close() {
    if (!this.isOpen) return;
    this.#list.hidden = true;
    this.#text.removeAttribute("aria-activedescendant");
    this.#status.textContent = "";
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  press(event) {
    if (!this.isOpen || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey)
      return false;
    const found = this.#found[this.#index];
    if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if ((event.key === "Enter" || event.key === "Tab") && found) this.#options.onChoose(found);
    else if (event.key === "Escape") this.#dismiss();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #dismiss() {
    this.close();
    this.#options.onDismiss?.();
  }

  /** @param {number} step */
  #move(step) {
    this.#index = (this.#index + step + this.#found.length) % this.#found.length;
    this.#mark();
  }

  #mark() {
    [...this.#list.children].forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === this.#index));
    });
    this.#text.setAttribute("aria-activedescendant", `${this.#options.id}-${this.#index}`);
    this.#list.children[this.#index]?.scrollIntoView({ block: "nearest" });
  }
}
