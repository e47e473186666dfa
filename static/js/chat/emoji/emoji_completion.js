/**
 * Completes `:name` to an emoji, and turns a shortcode into its emoji as soon as it is closed.
 */
import { t, tn } from "../../core/i18n.js";
import { el } from "../../core/ui/dom.js";
import { SuggestionList } from "../../core/ui/suggestion_list.js";
import { closedCodeAt, emojiByCode, findEmoji, inTone, shortcodeAt } from "./emoji_search.js";

/** @import { Emoji } from "./emoji_data.js" */
/** @import { EmojiUse } from "./emoji_use.js" */

const MOST = 8;

export class EmojiCompletion {
  /** Start of the code whose completion was dismissed with Escape; it is not offered again. */
  #declined = -1;
  /** @type {Emoji[]} */
  #all = [];

  /**
   * @param {HTMLTextAreaElement} text
   * @param {object} parts
   * @param {() => Promise<Emoji[]>} parts.load
   * @param {EmojiUse} parts.use
   */
  constructor(text, { load, use }) {
    this.#text = text;
    this.#load = load;
    this.#use = use;
    this.#list = new SuggestionList(text, {
      id: "emoji-completion",
      label: t("Emoji"),
      row: (/** @type {Emoji} */ emoji) => [
        el("span.completion-emoji", inTone(emoji, use.tone)),
        el("span.completion-name", `:${this.#codeOf(emoji)}:`),
        el("span.completion-note", emoji.name),
      ],
      onChoose: (emoji) => this.#write(emoji),
      onDismiss: () => {
        this.#declined = this.#begun()?.start ?? -1;
      },
      announcement: (count) =>
        tn(
          "{n} emoji. Up and down choose, Enter writes it.",
          "{n} emoji. Up and down choose, Enter writes it.",
          count,
        ),
    });
    text.addEventListener("input", (event) => this.#look(/** @type {InputEvent} */ (event)));
    text.addEventListener("selectionchange", () => this.#list.isOpen && this.#find());
    text.addEventListener("blur", () => this.#list.close());
  }

  #text;
  #load;
  #use;
  #list;

  /** @param {KeyboardEvent} event @returns {boolean} whether the key was for the list */
  press(event) {
    return this.#list.press(event);
  }

  /** The code that is being written, or the first. @param {Emoji} emoji */
  #codeOf({ codes }) {
    const letters = this.#begun()?.letters ?? "";
    return codes.find((code) => code.startsWith(letters)) ?? codes[0];
  }

  #caret() {
    const { selectionStart, selectionEnd } = this.#text;
    return selectionStart === selectionEnd ? selectionStart : null;
  }

  #begun() {
    const caret = this.#caret();
    return caret === null ? null : shortcodeAt(this.#text.value, caret);
  }

  /** @param {InputEvent} event */
  async #look({ isComposing, data }) {
    if (isComposing) return;
    const mayClose = data === ":" && this.#closed() !== null;
    if (!mayClose && !this.#begun()) return this.#list.close();
    // Offline without the data, codes are written out and the server knows them.
    this.#all = await this.#load().catch(() => []);
    if (!mayClose || !this.#close()) this.#find();
  }

  #closed() {
    const caret = this.#caret();
    return caret === null ? null : closedCodeAt(this.#text.value, caret);
  }

  /** @returns {boolean} whether a shortcode was closed */
  #close() {
    const closed = this.#closed();
    const emoji = closed && emojiByCode(this.#all, closed.code);
    if (!closed || !emoji) return false;
    this.#replace(closed.start, emoji, "");
    return true;
  }

  #find() {
    const begun = this.#begun();
    if (begun?.start !== this.#declined) this.#declined = -1;
    const isWanted = begun && this.#declined < 0 && document.activeElement === this.#text;
    this.#list.show(isWanted ? findEmoji(this.#all, begun.letters, MOST) : []);
  }

  /** @param {Emoji} emoji */
  #write(emoji) {
    const begun = this.#begun();
    this.#list.close();
    if (begun) this.#replace(begun.start, emoji, " ");
  }

  /** @param {number} start @param {Emoji} emoji @param {string} after */
  #replace(start, emoji, after) {
    const symbol = inTone(emoji, this.#use.tone);
    const end = this.#text.selectionEnd;
    const space = this.#text.value[end] === after ? "" : after;
    this.#text.setRangeText(symbol + space, start, end, "end");
    this.#use.note(symbol);
    this.#text.dispatchEvent(new InputEvent("input", { bubbles: true }));
  }
}
