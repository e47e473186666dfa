/**
 * A field with a list under it: what is typed finds choices, arrows walk in the list, Enter chooses.
 * Choices that are on the page already show at once; those of the server are added when they come.
 */

import { clock } from "../clock.js";
import { t } from "../i18n.js";
import { el, typed } from "./dom.js";
import { isComposing } from "./keys.js";
import { nextIndex } from "./roving_focus.js";

/**
 * @typedef {object} Choice
 * @property {string} id
 * @property {string} title
 * @property {string} [note]
 * @property {string} [badge] a word about it, such as "bot"
 * @property {Element} mark an icon or a dot
 * @property {boolean} [disabled] it is shown, and can't be chosen
 * @property {() => void} go
 */

/**
 * @typedef {object} SearchOptions
 * @property {string} name of the list: the beginning of ids
 * @property {string} label
 * @property {string} [placeholder]
 * @property {string} listLabel
 * @property {(letters: string) => Choice[]} here the choices that are known, the best first
 * @property {(letters: string) => Promise<Choice[]>} elsewhere all choices, with those of the server
 * @property {(letters: string) => string} none said where nothing is found
 * @property {(choice: Choice) => void} onChoose
 */

/** So long after the last letter the server is asked. */
const REST_MS = 120;

export class SearchList {
  /** @type {Choice[]} */
  found = [];
  #index = 0;
  /** @type {(() => void) | null} */
  #stopWaiting = null;
  #asked = 0;

  /** @param {SearchOptions} options */
  constructor(options) {
    this.#options = options;
    const { name, label, placeholder, listLabel } = options;
    this.input = el("input", {
      type: "text",
      dir: "auto",
      role: "combobox",
      placeholder: placeholder ?? null,
      "aria-label": label,
      "aria-expanded": "true",
      "aria-controls": `${name}-list`,
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      maxlength: 200,
      oninput: () => this.search(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#press(event),
    });
    this.list = el("div.search-list", {
      id: `${name}-list`,
      role: "listbox",
      "aria-label": listLabel,
      // The focus stays in the field.
      onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
    });
    this.status = el("p.visually-hidden", { role: "status" });
  }

  #options;

  /** Look for what stands in the field. */
  search() {
    const letters = this.input.value.trim();
    this.#asked += 1;
    this.#stopWaiting?.();
    this.#show(this.#options.here(letters), true, 0);
    const asked = this.#asked;
    this.#stopWaiting = clock.after(letters ? REST_MS : 0, () => this.#ask(letters, asked));
  }

  /** @param {string} letters @param {number} asked */
  async #ask(letters, asked) {
    const held = this.found[this.#index]?.id;
    /** @type {Choice[]} */
    let choices;
    try {
      choices = await this.#options.elsewhere(letters);
    } catch (error) {
      if (asked === this.#asked) this.#say(/** @type {Error} */ (error).message);
      return;
    }
    if (asked !== this.#asked) return;
    const moved = this.#index > 0 ? choices.findIndex(({ id }) => id === held) : 0;
    this.#show(choices, false, Math.max(0, moved));
  }

  /** @param {Choice[]} choices @param {boolean} isWaiting @param {number} index */
  #show(choices, isWaiting, index) {
    this.found = choices;
    this.#index = index;
    this.list.replaceChildren(...choices.map((choice, at) => this.#row(choice, at)));
    if (!choices.length)
      this.#say(isWaiting ? t("Looking…") : this.#options.none(this.input.value.trim()));
    else this.status.textContent = "";
    this.#mark();
  }

  /** @param {string} words where there is nothing to choose */
  #say(words) {
    if (!this.found.length)
      this.list.replaceChildren(
        el(
          "p.search-none",
          { role: "option", "aria-disabled": "true", "aria-selected": "false" },
          words,
        ),
      );
    this.status.textContent = words;
  }

  /** @param {Choice} choice @param {number} at */
  #row(choice, at) {
    return el(
      "div.search-row",
      {
        role: "option",
        id: `${this.#options.name}-${at}`,
        title: choice.title,
        "aria-disabled": choice.disabled ? "true" : null,
        onclick: () => this.#choose(choice),
      },
      choice.mark,
      typed("span.search-title", choice.title),
      choice.badge && el("span.badge", choice.badge),
      choice.note && typed("span.search-note", choice.note),
    );
  }

  #mark() {
    const rows = [...this.list.children];
    rows.forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === this.#index && this.found.length > 0));
    });
    const row = this.found.length ? rows[this.#index] : undefined;
    if (row) this.input.setAttribute("aria-activedescendant", row.id);
    else this.input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    // The Enter that ends a composition chooses nothing.
    if (isComposing(event)) return;
    const choice = this.found[this.#index];
    if (event.key === "Enter" && choice) this.#choose(choice);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      this.#index = nextIndex(event.key, this.#index, this.found.length) ?? 0;
      this.#mark();
    } else return;
    event.preventDefault();
  }

  /** @param {Choice} choice */
  #choose(choice) {
    if (!choice.disabled) this.#options.onChoose(choice);
  }
}
