/**
 * The conversation of one room. `Conversation` calls `show` for a room and `update` for every change;
 * the view keeps the reader's place, the New line and the way back to the latest.
 */

import { part } from "../../core/ui/dom.js";
import { counted, firstName, namesInLine } from "../../core/ui/format.js";
import { MessageElements } from "./message_elements.js";
import { MessageKeys } from "./message_keys.js";
import { paintTop } from "./message_list_top.js";
import { merge, seenBy } from "./message_rows.js";
import { MessageToolbar } from "./message_toolbar.js";
import { ScrollPosition } from "./scroll_position.js";

/** @import { Me, Member, Message, Pending, Room, RoomView } from "../types.d.ts" */

/**
 * @typedef {object} MessagesOptions
 * @property {HTMLTemplateElement} template
 * @property {Me} me
 * @property {(before: number) => void} [onHistory] Answer with `prepend`.
 * @property {(message: Message) => void} [onReply]
 * @property {(message: Message) => void} [onEdit]
 * @property {(message: Message) => void} [onDelete] Comes after the person confirmed.
 * @property {(message: Message, emoji: string, add: boolean) => void} [onReact]
 * @property {(pending: Pending) => void} [onRetry]
 * @property {(entry: { text: string }) => void} [onCopy]
 * @property {(pending: Pending) => void} [onDiscard]
 * @property {(seq: number) => void} [onVisible] The highest seq that the person has before their eyes.
 * @property {() => void} [onEscape] Back to writing.
 * @property {() => void} [onInvite] From the empty room's first line.
 */

const HISTORY_AT_PX = 900;

export class MessageListView {
  /** There is older history to ask for. */
  more = false;
  isLoading = false;
  /** The window lost the focus since the last arrival. */
  isAway = false;
  /** Arrived below what is read. */
  unseen = 0;
  lastVisible = 0;
  /** @type {Record<string, number>} */
  reads = {};

  /** @param {HTMLElement} root @param {MessagesOptions} options */
  constructor(root, options) {
    this.options = options;
    this.me = options.me;
    this.scroller = /** @type {HTMLElement} */ (root.querySelector(".messages-scroll"));
    this.list = part(root, "list");
    this.top = part(root, "top");
    this.seen = part(root, "seen");
    this.latest = part(root, "latest");
    this.sheet = new MessageElements(this.list, options.template, options.me);
    this.place = new ScrollPosition(this.scroller, this.list, () => this.#moved());
    this.actions = new MessageToolbar(this.list, this);
    this.keys = new MessageKeys(this.list, this);
    this.latest.addEventListener("click", () => this.toLatest());
    window.addEventListener("focus", () => this.#returned());
    document.addEventListener("visibilitychange", () => this.#returned());
  }

  /**
   * Draws a room anew. null: there is none, or none that this person may see.
   * @param {RoomView | null} view
   * @param {{ keep?: boolean }} [how] `keep`: the same room after a reset; the place stays if it can.
   */
  show(view, { keep = false } = {}) {
    const keepsPlace = keep && !this.place.isAtBottom;
    const top = this.scroller.scrollTop;
    this.actions.hide();
    this.#quietly(() => this.sheet.turn(view));
    this.more = view?.more ?? false;
    this.isLoading = false;
    this.unseen = 0;
    this.lastVisible = 0;
    this.reads = view?.reads ?? {};
    this.sheet.newAfter = this.#unreadAfter(view?.last_read ?? 0);
    this.#arrange();
    if (keepsPlace) this.scroller.scrollTop = top;
    else this.place.toBottom();
    if (!keepsPlace && this.sheet.newAfter !== null) this.place.toElement(this.sheet.newLine);
    this.#moved();
  }

  /** A New line makes sense only where something was read before it. @param {number} seq */
  #unreadAfter(seq) {
    const { items } = this.sheet;
    const isUnread = items.some((item) => item.seq > seq && !this.sheet.isOwn(item));
    return seq > 0 && isUnread ? seq : null;
  }

  /** The same room, renamed, archived or joined meanwhile. @param {Room} room */
  setRoom(room) {
    if (this.sheet.room?.id !== room.id) return;
    const wasReadOnly = this.sheet.isReadOnly;
    this.sheet.room = room;
    if (wasReadOnly !== this.sheet.isReadOnly) this.actions.hide();
    this.place.keep(() => paintTop(this.top, this.sheet, this.more, this.options.onInvite));
  }

  /**
   * @param {Message[]} changed
   * @param {Pending[]} pending All of this room that is on its way or failed.
   */
  update(changed, pending) {
    const { sheet } = this;
    if (!sheet.room) return;
    const last = sheet.last?.seq ?? 0;
    sheet.pending = pending;
    const { added, updated } = merge(sheet.items, changed);
    const isSending = sheet.unsent().some((each) => !sheet.elements.has(each.client_id));
    const arrived = added.filter((item) => item.seq > last && !sheet.isOwn(item));
    if (arrived.length) this.#arrived(arrived.length, last);
    if (isSending) sheet.newAfter = null;
    if (this.place.isAtBottom && sheet.letGo()) this.more = true;
    this.place.keep(() => {
      sheet.paint([...added, ...updated]);
      this.#arrange();
    });
    if (isSending) this.place.toBottom();
    this.#moved();
  }

  /** @param {number} count @param {number} last The highest seq shown before. */
  #arrived(count, last) {
    const { place, sheet } = this;
    const hasLeft = !document.hasFocus() && !this.isAway;
    if (hasLeft || (!place.isAtBottom && sheet.newAfter === null)) sheet.newAfter = last || null;
    this.isAway = !document.hasFocus();
    if (!place.isAtBottom) this.unseen += count;
  }

  #returned() {
    if (!document.hasFocus()) return;
    this.isAway = false;
    this.#moved();
  }

  /**
   * Older messages over those shown; an empty list with `more` after a failure.
   * @param {Message[]} items
   * @param {boolean} more
   */
  prepend(items, more) {
    this.isLoading = false;
    this.more = more;
    this.#quietly(() =>
      this.place.keep(() => {
        this.sheet.paint(merge(this.sheet.items, items).added);
        this.#arrange();
      }),
    );
    if (items.length) this.#askForMore();
  }

  /** @param {Record<string, number>} reads @param {Member[]} members */
  setReads(reads, members) {
    const { sheet } = this;
    this.reads = reads;
    sheet.members = members;
    const names = seenBy(sheet.last, reads, members, this.me.id);
    const who = sheet.room?.kind === "direct" ? "" : ` by ${namesInLine(names.map(firstName))}`;
    const isShown = names.length > 0 && sheet.unsent().length === 0;
    this.seen.textContent = isShown ? `seen${who}` : "";
    this.seen.title = isShown ? `Seen by ${namesInLine(names, 99)}` : "";
  }

  /** The New line stands after this seq; null takes it away. @param {number | null} seq */
  setUnread(seq) {
    this.sheet.newAfter = seq;
    this.place.keep(() => this.#arrange());
  }

  /** The newest message of mine that can be edited, for Up in the empty composer. */
  lastOwn() {
    return this.sheet.isReadOnly ? null : this.sheet.lastOwn();
  }

  focusLast() {
    this.keys.last()?.focus();
  }

  toLatest() {
    this.place.toBottom();
    this.#moved();
  }

  /** Shows a message that is held, and marks it for a moment. @param {string} id */
  goTo(id) {
    const element = this.sheet.elements.get(id);
    if (!element) return;
    this.place.toElement(element, "center");
    element.focus({ preventScroll: true });
    element.classList.remove("is-target");
    requestAnimationFrame(() => element.classList.add("is-target"));
  }

  #arrange() {
    this.sheet.arrange();
    paintTop(this.top, this.sheet, this.more, this.options.onInvite);
    this.keys.settle();
    this.setReads(this.reads, this.sheet.members);
  }

  /** A screen reader is told of what arrives, not of what is drawn anew. @param {() => void} change */
  #quietly(change) {
    this.list.setAttribute("aria-busy", "true");
    change();
    requestAnimationFrame(() => this.list.setAttribute("aria-busy", "false"));
  }

  #moved() {
    if (this.place.isAtBottom) this.unseen = 0;
    this.#paintLatest();
    this.#askForMore();
    if (document.hasFocus()) this.#tellVisible();
  }

  #paintLatest() {
    this.latest.hidden = this.place.isAtBottom || !this.sheet.items.length;
    this.latest.classList.toggle("has-new", this.unseen > 0);
    const label = /** @type {HTMLElement} */ (this.latest.querySelector("span"));
    label.textContent = this.unseen ? counted(this.unseen, "new message") : "Latest";
  }

  #askForMore() {
    if (!this.more || this.isLoading || this.scroller.scrollTop > HISTORY_AT_PX) return;
    const oldest = this.sheet.items[0];
    if (!oldest || !this.options.onHistory) return;
    this.isLoading = true;
    this.options.onHistory(oldest.seq);
  }

  #tellVisible() {
    const seen = [...this.list.children].slice(0, this.place.countSeen());
    const seqs = seen.map((each) => this.#seqOf(each)).filter((seq) => seq > this.lastVisible);
    if (!seqs.length) return;
    this.lastVisible = Math.max(...seqs);
    this.options.onVisible?.(this.lastVisible);
  }

  /** @param {Element} element */
  #seqOf(element) {
    return element instanceof HTMLElement ? Number(element.dataset.seq ?? 0) : 0;
  }
}
