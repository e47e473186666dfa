/**
 * The field where a message is written. Enter sends, Shift+Enter breaks the line; the text survives
 * a change of room, a reload and an ended session through `getDraft` and `setDraft`.
 */
import { el, part } from "../../core/ui/dom.js";
import { isolated, quoted } from "../../core/ui/format.js";
import { MentionCompletion } from "./mention_completion.js";

/** @import { Message, Room } from "../types.d.ts" */
/** @import { Choice } from "./mentions.js" */
/** @import { FindPeople } from "./mention_completion.js" */

/**
 * @typedef {object} ComposerOptions
 * @property {(text: string, reply: Message | null) => void | boolean | string} onSend
 *   false or a sentence refuses: the text stays.
 * @property {(text: string) => true | Promise<boolean>} [onCheck] Whether it may go out: asks first.
 * @property {() => Choice[]} [choices] Who can be mentioned.
 * @property {FindPeople} [findPeople] Among all people of the server.
 * @property {() => void} [onTyping]
 * @property {(id: string, text: string) => void} [onEdit]
 * @property {() => void} [onEditLast] Up in the empty field.
 * @property {(room: string) => string} [getDraft]
 * @property {(room: string, text: string) => void} [setDraft]
 * @property {() => void} [onEscape]
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
    this.strip = part(root, "strip");
    this.note = part(root, "note");
    this.closed = part(root.parentElement ?? document, "closed");
    /** @type {Room | null} */
    this.room = null;
    /** @type {Message | null} */
    this.reply = null;
    /** @type {Message | null} */
    this.edited = null;
    this.completion = new MentionCompletion(
      this.text,
      () => options.choices?.() ?? [],
      options.findPeople,
    );
    this.#listen();
  }

  #listen() {
    this.root.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.text.addEventListener("input", () => this.#typed());
    this.text.addEventListener("keydown", (event) => this.#press(event));
    part(this.root, "cancel").addEventListener("click", () => this.#cancel());
    this.closed.querySelector("button")?.addEventListener("click", () => this.#run?.());
  }

  /** @param {Room | null} room */
  setRoom(room) {
    const isOther = room?.id !== this.room?.id;
    this.room = room;
    this.text.placeholder = placeholder(room);
    this.text.setAttribute("aria-label", placeholder(room));
    if (!isOther) return;
    this.#leaveContext();
    this.#write(room ? (this.options.getDraft?.(room.id) ?? "") : "");
  }

  /** @param {Message} message */
  startReply(message) {
    if (this.edited) this.#cancel();
    this.reply = message;
    this.#showStrip("Reply to ", message.by.name, quoted(message.text));
    this.focus();
  }

  /** @param {Message | null} message */
  startEdit(message) {
    if (!message) return;
    this.#leaveContext();
    this.edited = message;
    this.#showStrip("Editing ", "your message", "Escape keeps it as it was");
    this.#write(message.text);
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
      this.note.textContent = refusal || "This can't be sent now. Your text is kept.";
      return;
    }
    this.#leaveContext();
    this.#write("");
    this.#keepDraft();
    this.text.focus({ preventScroll: true });
  }

  /** @param {Message} message @param {string} text */
  #finishEdit(message, text) {
    if (text !== message.text) this.options.onEdit?.(message.id, text);
    this.#cancel();
  }

  #typed() {
    this.note.textContent = "";
    this.#isTooLong();
    this.#fit();
    if (this.edited) return;
    this.#keepDraft();
    if (this.text.value.trim()) this.options.onTyping?.();
  }

  #keepDraft() {
    if (this.room) this.options.setDraft?.(this.room.id, this.text.value);
  }

  #isTooLong() {
    const over = new TextEncoder().encode(this.text.value).length - MOST_BYTES;
    if (over > 0)
      this.note.textContent = `This is ${over.toLocaleString("en")} bytes over the 64 KB that a message holds. Send it in parts.`;
    return over > 0;
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    // While an input method composes, Enter chooses a word.
    if (event.isComposing || this.completion.press(event)) return;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) this.#submit();
    else if (event.key === "ArrowUp" && !this.text.value && !this.edited)
      this.options.onEditLast?.();
    else if (event.key === "Escape" && (this.reply || this.edited)) this.#cancel();
    else if (event.key === "Escape") return this.options.onEscape?.();
    else return;
    event.preventDefault();
  }

  /** Leaves a reply or an edit; the draft from before an edit comes back. */
  #cancel() {
    const wasEditing = this.edited !== null;
    this.#leaveContext();
    if (wasEditing) this.#write(this.room ? (this.options.getDraft?.(this.room.id) ?? "") : "");
    this.text.focus({ preventScroll: true });
  }

  #leaveContext() {
    this.reply = null;
    this.edited = null;
    this.strip.hidden = true;
    this.note.textContent = "";
  }

  /** @param {string} before @param {string} who @param {string} what */
  #showStrip(before, who, what) {
    part(this.strip, "strip-text").replaceChildren(before, el("b", who), what && `: ${what}`);
    this.strip.hidden = false;
  }

  /** @param {string} text */
  #write(text) {
    this.text.value = text;
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
  if (!room) return "Message";
  return room.kind === "direct"
    ? `Message ${isolated(room.with?.name ?? room.name)}`
    : `Message #${isolated(room.name)}`;
}
