/**
 * Completes `@name` in the composer: the focus stays in the text, arrows choose, Enter or Tab writes
 * it, Escape leaves what was typed.
 */

import { clock } from "../../core/clock.js";
import { t, tn } from "../../core/i18n.js";
import { dot } from "../../core/ui/avatar.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { SuggestionList } from "../../core/ui/suggestion_list.js";
import { matchingChoices, mentionAt, withOthers } from "./mentions.js";

/** @import { FoundPerson } from "../types.d.ts" */
/** @import { Choice } from "./mentions.js" */

/** @typedef {(letters: string) => Promise<FoundPerson[]>} FindPeople */

/** So long after the last letter the server is asked for people who are not in the room. */
const REST_MS = 120;

export class MentionCompletion {
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
    this.#list = new SuggestionList(text, {
      id: "completion",
      label: t("People to mention"),
      row,
      title: (/** @type {Choice} */ choice) => choice.name,
      onChoose: (choice) => this.#write(choice),
      onDismiss: () => {
        this.#declined = this.#begun()?.start ?? -1;
      },
      announcement: (count) =>
        tn(
          "{n} suggestion. Up and down choose, Enter writes it.",
          "{n} suggestions. Up and down choose, Enter writes it.",
          count,
        ),
    });
    text.addEventListener("input", () => this.#look());
    text.addEventListener("selectionchange", () => this.#list.isOpen && this.#look());
    text.addEventListener("blur", () => this.#list.close());
  }

  #text;
  #choices;
  #people;
  #list;

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  press(event) {
    return this.#list.press(event);
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
    const { index } = this.#list;
    this.#show(withOthers(matchingChoices(this.#choices(), letters), people), letters, index);
  }

  /** @param {Choice[]} found @param {string} [letters] @param {number} [index] of the chosen one */
  #show(found, letters, index = 0) {
    // Written out as it is: there is nothing to complete.
    const [only] = found;
    const isDone = found.length === 1 && only?.username === letters?.toLowerCase();
    this.#list.show(isDone ? [] : found, index);
  }

  /** @param {Choice} choice */
  #write(choice) {
    const name = this.#begun();
    this.#list.close();
    if (!name) return;
    const end = this.#text.selectionEnd;
    const space = this.#text.value[end] === " " ? "" : " ";
    this.#text.setRangeText(`@${choice.username}${space}`, name.start, end, "end");
    this.#text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}

/** @param {Choice} choice */
function row({ state, username, name, note }) {
  return [
    state ? dot(state) : icon("people", "small"),
    typed("span.completion-name", state ? name : `@${username}`),
    el("span.completion-note", state ? `@${username}` : name),
    note ? el("span.completion-note", note) : null,
  ];
}
