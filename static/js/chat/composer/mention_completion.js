/**
 * Completes `@name` in the composer: the focus stays in the text, arrows choose, Enter or Tab writes
 * it, Escape leaves what was typed.
 */

import { clock } from "../../core/clock.js";
import { t, tn } from "../../core/i18n.js";
import { dot } from "../../core/ui/avatar.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { matchingChoices, mentionAt, withOthers } from "./mentions.js";

/** @import { FoundPerson } from "../types.d.ts" */
/** @import { Choice } from "./mentions.js" */

/** @typedef {(letters: string) => Promise<FoundPerson[]>} FindPeople */

const LIST = "completion";
/** So long after the last letter the server is asked for people who are not in the room. */
const REST_MS = 120;

export class MentionCompletion {
  /** @type {Choice[]} */
  #found = [];
  #index = 0;
  /** Start of the name whose completion was dismissed with Escape; it is not offered again. */
  #declined = -1;

  /** @type {(() => void) | null} */
  #stopWaiting = null;

  /**
   * @param {HTMLTextAreaElement} text
   * @param {() => Choice[]} choices the people of the room
   * @param {FindPeople} [people] all people of the server
   */
  constructor(text, choices, people) {
    this.#text = text;
    this.#choices = choices;
    this.#people = people;
    this.#list = el("div.completion", {
      id: LIST,
      role: "listbox",
      "aria-label": t("People to mention"),
      hidden: true,
      // The focus stays in the text.
      onpointerdown: (/** @type {Event} */ event) => event.preventDefault(),
    });
    this.#status = el("p.visually-hidden", { role: "status" });
    text.setAttribute("aria-autocomplete", "list");
    text.setAttribute("aria-haspopup", "listbox");
    text.setAttribute("aria-controls", LIST);
    text.closest("form")?.append(this.#list, this.#status);
    text.addEventListener("input", () => this.#look());
    text.addEventListener("selectionchange", () => this.isOpen && this.#look());
    text.addEventListener("blur", () => this.close());
  }

  #text;
  #choices;
  #people;
  #list;
  #status;

  get isOpen() {
    return !this.#list.hidden;
  }

  close() {
    this.#list.hidden = true;
    this.#text.removeAttribute("aria-activedescendant");
    this.#status.textContent = "";
  }

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  press(event) {
    if (!this.isOpen || event.shiftKey || event.altKey || event.ctrlKey || event.metaKey)
      return false;
    const choice = this.#found[this.#index];
    if (event.key === "ArrowDown") this.#move(1);
    else if (event.key === "ArrowUp") this.#move(-1);
    else if ((event.key === "Enter" || event.key === "Tab") && choice) this.#write(choice);
    else if (event.key === "Escape") this.#decline();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #begun() {
    const { selectionStart, selectionEnd, value } = this.#text;
    return selectionStart === selectionEnd ? mentionAt(value, selectionStart) : null;
  }

  #look() {
    const name = this.#begun();
    if (name?.start !== this.#declined) this.#declined = -1;
    this.#stopWaiting?.();
    const isSought = name !== null && this.#declined < 0;
    this.#show(isSought ? matchingChoices(this.#choices(), name.letters) : [], name?.letters);
    if (isSought && name.letters)
      this.#stopWaiting = clock.after(REST_MS, () => this.#ask(name.letters));
  }

  /** Add the people who are not in the room. @param {string} letters */
  async #ask(letters) {
    // Without an answer the people of the room are offered alone.
    const people = await this.#people?.(letters).catch(() => null);
    if (!people || this.#begun()?.letters !== letters || this.#declined >= 0) return;
    if (document.activeElement !== this.#text) return;
    const index = this.#index;
    this.#show(withOthers(matchingChoices(this.#choices(), letters), people), letters);
    if (this.isOpen) this.#move(Math.min(index, this.#found.length - 1) - this.#index);
  }

  /** @param {Choice[]} found @param {string} [letters] */
  #show(found, letters) {
    this.#found = found;
    // Written out as it is: there is nothing to complete.
    const [only] = this.#found;
    const isDone = this.#found.length === 1 && only?.username === letters?.toLowerCase();
    if (this.#found.length === 0 || isDone) return this.close();
    this.#index = 0;
    this.#paint();
  }

  #paint() {
    this.#list.replaceChildren(...this.#found.map((choice, at) => this.#row(choice, at)));
    if (!this.isOpen) {
      this.#list.hidden = false;
      this.#status.textContent = tn(
        "{n} suggestion. Up and down choose, Enter writes it.",
        "{n} suggestions. Up and down choose, Enter writes it.",
        this.#found.length,
      );
    }
    this.#mark();
  }

  /** @param {Choice} choice @param {number} at */
  #row(choice, at) {
    return el(
      "div.completion-row",
      {
        id: `${LIST}-${at}`,
        role: "option",
        title: choice.name,
        onclick: () => this.#write(choice),
      },
      choice.state ? dot(choice.state) : icon("people", "small"),
      typed("span.completion-name", choice.state ? choice.name : `@${choice.username}`),
      typed("span.completion-note", choice.state ? `@${choice.username}` : choice.name),
      choice.note && el("span.completion-note", choice.note),
    );
  }

  #mark() {
    [...this.#list.children].forEach((row, at) => {
      row.setAttribute("aria-selected", String(at === this.#index));
    });
    this.#text.setAttribute("aria-activedescendant", `${LIST}-${this.#index}`);
    this.#list.children[this.#index]?.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} step */
  #move(step) {
    this.#index = (this.#index + step + this.#found.length) % this.#found.length;
    this.#mark();
  }

  /** @param {Choice} choice */
  #write(choice) {
    const name = this.#begun();
    this.close();
    if (!name) return;
    const end = this.#text.selectionEnd;
    const space = this.#text.value[end] === " " ? "" : " ";
    this.#text.setRangeText(`@${choice.username}${space}`, name.start, end, "end");
    this.#text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }

  #decline() {
    this.#declined = this.#begun()?.start ?? -1;
    this.close();
  }
}
