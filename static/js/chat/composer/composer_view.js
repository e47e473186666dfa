/**
 * The field where a message is written. Enter sends and Shift+Enter breaks the line, unless `enterSends`
 * says otherwise; the text survives a change of room, a reload and an ended session through `getDraft`
 * and `setDraft`.
 */
import { t, tn } from "../../core/i18n.js";
import { part } from "../../core/ui/dom.js";
import { isolated } from "../../core/ui/format.js";
import { isComposing } from "../../core/ui/keys.js";
import { EmojiCompletion } from "../emoji/emoji_completion.js";
import { pickInto } from "../emoji/pick_into.js";
import { ComposerStrip, quoteOf } from "./composer_strip.js";
import { EMPTY, isSame } from "./drafts.js";
import { MentionCompletion } from "./mention_completion.js";

/** @import { Draft, Message, Quoted, Room } from "../types.d.ts" */
/** @import { Choice } from "./mentions.js" */
/** @import { EmojiKit } from "../emoji/emoji.js" */
/** @import { FindPeople } from "./mention_completion.js" */

/**
 * @typedef {object} ComposerOptions
 * @property {(text: string, reply: Quoted | null) => void | boolean | string} onSend
 *   false or a sentence refuses: the text stays.
 * @property {(text: string) => true | Promise<boolean>} [onCheck] Whether it may go out: asks first.
 * @property {() => Choice[]} [choices] Who can be mentioned.
 * @property {FindPeople} [findPeople] Among all people of the server.
 * @property {EmojiKit} emoji
 * @property {() => void} [onTyping]
 * @property {(id: string, text: string) => void} [onEdit]
 * @property {() => void} [onEditLast] Up in the empty field.
 * @property {(room: string) => Draft} [getDraft]
 * @property {(room: string, draft: Draft) => void} [setDraft]
 * @property {(id: string) => Message | undefined} [find] A held message, for the quote of a reply.
 * @property {(id: string) => Promise<Message | null | undefined>} [findElsewhere] One that is not
 *   held; null where it is gone, undefined where that is not known.
 * @property {() => void} [onEscape]
 * @property {() => boolean} [enterSends] Otherwise Enter breaks the line, and Ctrl+Enter sends.
 */

/** @typedef {string | { text: string, label: string, run: () => void }} Closed */

const MOST_BYTES = 65_536;
const MOST_HEIGHT_PX = 240;

export class ComposerView {
  /** @param {HTMLElement} root The form. @param {ComposerOptions} options */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.text = /** @type {HTMLTextAreaElement} */ (part(root, "text"));
    this.strip = new ComposerStrip(part(root, "strip"), options);
    this.note = part(root, "note");
    this.closed = part(root.parentElement ?? document, "closed");
    /** @type {Room | null} */
    this.room = null;
    /** @type {Quoted | null} */
    this.reply = null;
    /** The message that is being changed. @type {{ id: string, before: string } | null} */
    this.edited = null;
    /** The text under an edit. */
    this.beneath = "";
    this.completion = new MentionCompletion(
      this.text,
      () => options.choices?.() ?? [],
      options.findPeople,
    );
    this.emojiCompletion = new EmojiCompletion(this.text, options.emoji);
    this.#listen();
  }

  #listen() {
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("keydown", (event) => this.#press(event));
    this.text.addEventListener("focus", () => this.#nameEnter());
    pickInto(this.text, part(this.root, "emoji-button"), this.options.emoji);
    part(this.root, "cancel").addEventListener("click", () => this.#cancel());
    this.closed.querySelector("button")?.addEventListener("click", () => this.#run?.());
  }

  /** @param {Room | null} room */
  setRoom(room) {
    const isOther = room?.id !== this.room?.id;
    this.room = room;
    this.text.placeholder = placeholder(room);
    this.text.setAttribute("aria-label", placeholder(room));
    if (isOther) this.#show(this.#stored());
    else this.strip.renew();
  }

  /** The text, reply and edit as they stand here. @returns {Draft} */
  get draft() {
    const { reply, edited } = this;
    const text = this.text.value;
    return {
      text: edited ? this.beneath : text,
      ...(reply ? { reply } : {}),
      ...(edited ? { edit: { ...edited, text } } : {}),
    };
  }

  /** The draft was changed elsewhere. @param {Draft} draft */
  take(draft) {
    if (!isSame(draft, this.draft)) this.#show(draft);
  }

  #stored() {
    return (this.room && this.options.getDraft?.(this.room.id)) || EMPTY;
  }

  /** @param {Message} message */
  startReply(message) {
    const { text } = this.draft;
    this.#show({ text, reply: quoteOf(message) });
    this.#keepDraft();
    this.focus();
  }

  /** @param {Message | null} message */
  startEdit(message) {
    if (!message) return;
    const { id, text } = message;
    this.#show({ ...this.draft, edit: { id, before: text, text } });
    this.#keepDraft();
    this.focus();
  }

  /** null opens the field; a reason stands in its place. @param {Closed | null} reason */
  setDisabled(reason) {
    const notice = typeof reason === "string" ? { text: reason, label: "", run: () => {} } : reason;
    this.root.hidden = notice !== null;
    this.closed.hidden = notice === null;
    const sentence = this.closed.querySelector("p");
    const button = this.closed.querySelector("button");
    if (!sentence || !button || !notice) return;
    sentence.textContent = notice.text;
    button.textContent = notice.label;
    button.hidden = !notice.label;
    this.#run = notice.run;
  }

  /** @type {(() => void) | null} */
  #run = null;

  focus() {
    this.text.focus({ preventScroll: true });
    this.text.setSelectionRange(this.text.value.length, this.text.value.length);
  }

  #submit() {
    const text = this.text.value;
    if (!text.trim() || this.#isTooLong()) return;
    if (this.edited) return this.#finishEdit(this.edited, text);
    const check = this.options.onCheck?.(text) ?? true;
    if (check === true) this.#send(text);
    else check.then((isSure) => isSure && text === this.text.value && this.#send(text));
  }

  /** @param {string} text */
  #send(text) {
    const refusal = this.options.onSend(text, this.reply);
    if (refusal === false || typeof refusal === "string") {
      this.note.textContent = refusal || t("This can't be sent now. Your text is kept.");
      return;
    }
    this.#show(EMPTY);
    this.#keepDraft();
    this.text.focus({ preventScroll: true });
  }

  /** @param {{ id: string, before: string }} edited @param {string} text */
  #finishEdit({ id, before }, text) {
    this.#cancel();
    if (text !== before) this.options.onEdit?.(id, text);
  }

  #typed() {
    this.note.textContent = "";
    this.#isTooLong();
    this.#fit();
    this.#keepDraft();
    if (!this.edited && this.text.value.trim()) this.options.onTyping?.();
  }

  #keepDraft() {
    if (this.room) this.options.setDraft?.(this.room.id, this.draft);
  }

  #isTooLong() {
    const over = new TextEncoder().encode(this.text.value).length - MOST_BYTES;
    if (over > 0)
      this.note.textContent = tn(
        "This is {n} byte over the 64 KB that a message holds. Send it in parts.",
        "This is {n} bytes over the 64 KB that a message holds. Send it in parts.",
        over,
      );
    return over > 0;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (isComposing(event) || this.completion.press(event)) return;
    if (this.emojiCompletion.press(event)) return;
    if (event.key === "Enter" && this.#sends(event)) this.#submit();
    else if (event.key === "ArrowUp" && !this.text.value && !this.edited)
      this.options.onEditLast?.();
    else if (event.key === "Escape" && (this.reply || this.edited)) this.#cancel();
    else if (event.key === "Escape") return this.options.onEscape?.();
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event of Enter */
  #sends({ shiftKey, altKey, ctrlKey, metaKey }) {
    if (ctrlKey || metaKey) return true;
    return !shiftKey && !altKey && (this.options.enterSends?.() ?? true);
  }

  /** Has the keyboard of a phone show what its Return key does. */
  #nameEnter() {
    this.text.enterKeyHint = (this.options.enterSends?.() ?? true) ? "send" : "enter";
  }

  /** Leaves a reply or an edit; the draft from before an edit comes back. */
  #cancel() {
    const { text, reply, edit } = this.draft;
    this.#show(edit && reply ? { text, reply } : { text });
    this.#keepDraft();
    this.text.focus({ preventScroll: true });
  }

  /** @param {Draft} draft */
  #show({ text, reply, edit }) {
    this.reply = reply ?? null;
    this.edited = edit ? { id: edit.id, before: edit.before } : null;
    this.beneath = edit ? text : "";
    this.strip.show({ reply, edit });
    part(this.root, "send-label").textContent = edit ? t("Save") : t("Send");
    this.note.textContent = "";
    this.#write(edit ? edit.text : text);
  }

  /** @param {string} text */
  #write(text) {
    // The same text stays as it is, and the caret in it.
    if (this.text.value !== text) this.text.value = text;
    this.#fit();
  }

  /** Where `field-sizing: content` is unknown the height follows the text by hand. */
  #fit() {
    if (CSS.supports("field-sizing", "content")) return;
    this.text.style.height = "auto";
    this.text.style.height = `${Math.min(this.text.scrollHeight, MOST_HEIGHT_PX)}px`;
  }
}

/** @param {Room | null} room */
function placeholder(room) {
  if (!room) return t("Message");
  return room.kind === "direct"
    ? t("Message {name}", { name: isolated(room.with?.name ?? room.name) })
    : t("Message #{name}", { name: isolated(room.name) });
}
