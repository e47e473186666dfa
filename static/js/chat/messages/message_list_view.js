/**
 * The messages of the open room. The room holds them; this draws what it holds, and keeps the reader's
 * place, the New line and the way back to the latest.
 */
import { part } from "../../core/ui/dom.js";
import { Calendar, counted, firstName, namesInLine } from "../../core/ui/format.js";
import { MessageElements } from "./message_elements.js";
import { MessageKeys } from "./message_keys.js";
import { paintTop } from "./message_list_top.js";
import { rows, seenBy } from "./message_rows.js";
import { MessageToolbar } from "./message_toolbar.js";
import { ScrollPosition } from "./scroll_position.js";

/** @import { Me, Message, Pending, Room } from "../types.d.ts" */
/** @import { OpenRoom } from "../rooms/open_room.js" */

/**
 * @typedef {object} MessagesOptions
 * @property {HTMLTemplateElement} template
 * @property {Me} me
 * @property {(room: string) => Pending[]} pending what a room has of mine that is on its way or failed
 * @property {() => void} [onOlder] the reader comes near to the oldest message that is held
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

const OLDER_AT_PX = 900;

export class MessageListView {
  /** @type {OpenRoom | null} */
  room = null;
  /** The room as the list of rooms has it too. @type {Room | null} */
  #about = null;
  /** The New line stands after this seq. @type {number | null} */
  #newAfter = null;
  /** The highest seq that is drawn. */
  #last = 0;
  /** A message arrived since the window lost the focus. */
  #isAway = false;
  /** How many messages arrived below the visible part. */
  #unseen = 0;
  #lastVisible = 0;

  /** @param {HTMLElement} root @param {MessagesOptions} options */
  constructor(root, options) {
    this.options = options;
    this.me = options.me;
    // UTC is what an account starts with: nobody chose it, the device's own zone is the better guess.
    this.calendar = new Calendar(this.me.time_zone === "UTC" ? undefined : this.me.time_zone);
    this.scroller = /** @type {HTMLElement} */ (root.querySelector(".messages-scroll"));
    this.list = part(root, "list");
    this.top = part(root, "top");
    this.seen = part(root, "seen");
    this.latest = part(root, "latest");
    this.elements = new MessageElements(this.list, options.template, this);
    this.place = new ScrollPosition(this.scroller, this.list, () => this.#moved());
    this.toolbar = new MessageToolbar(this.list, this);
    this.keys = new MessageKeys(this.list, this);
    this.latest.addEventListener("click", () => this.toLatest());
    window.addEventListener("focus", () => this.#returned());
    document.addEventListener("visibilitychange", () => this.#returned());
  }

  /** @returns {readonly Message[]} in seq order */
  get items() {
    return this.room?.stream.ordered() ?? [];
  }

  /** @returns {Pending[]} in the order of sending */
  get pending() {
    return this.room ? this.options.pending(this.room.room.id) : [];
  }

  get isReadOnly() {
    return !this.#about || this.#about.archived || this.#about.member === false;
  }

  /** @param {string} id */
  find(id) {
    return this.room?.stream.items.get(id);
  }

  /** @param {string} id */
  nameOf(id) {
    return this.room?.nameOf(id) ?? "someone";
  }

  /** @param {Message} message */
  isOwn(message) {
    return message.by?.id === this.me.id;
  }

  /** The newest message of mine that can be edited, for Up in the empty composer. */
  lastOwn() {
    if (this.isReadOnly) return null;
    return this.items.findLast((item) => this.isOwn(item) && !item.deleted && !item.system) ?? null;
  }

  /**
   * Draws a room anew. null: there is none, or none that this person may see.
   * @param {OpenRoom | null} room
   * @param {{ keep?: boolean }} [how] `keep`: the same room after a reset; the place stays if it can.
   */
  show(room, { keep = false } = {}) {
    const keepsPlace = keep && !this.place.isAtBottom;
    const top = this.scroller.scrollTop;
    this.toolbar.hide();
    this.room = room;
    this.#about = room?.room ?? null;
    this.#unseen = 0;
    this.#lastVisible = 0;
    this.#newAfter = this.#unreadAfter(room?.last_read ?? 0);
    this.elements.clear();
    this.#quietly(() => this.#draw());
    if (keepsPlace) this.scroller.scrollTop = top;
    else this.place.toBottom();
    if (!keepsPlace && this.#newAfter !== null) this.place.toElement(this.elements.newLine);
    this.#moved();
  }

  /** A New line makes sense only where something was read before it. @param {number} seq */
  #unreadAfter(seq) {
    const isUnread = this.items.some((item) => item.seq > seq && !this.isOwn(item));
    return seq > 0 && isUnread ? seq : null;
  }

  /** The same room, renamed, archived or joined meanwhile. @param {Room} about */
  setRoom(about) {
    if (this.#about?.id !== about.id) return;
    const wasReadOnly = this.isReadOnly;
    this.#about = about;
    if (wasReadOnly !== this.isReadOnly) this.toolbar.hide();
    this.place.keep(() => this.#drawTop());
  }

  /** Something was written, changed, or is being sent. */
  update() {
    const { room, place } = this;
    if (!room) return;
    const isSending = this.pending.some(({ client_id }) => !this.elements.of(client_id));
    this.#noticeArrivals();
    if (isSending) this.#newAfter = null;
    if (place.isAtBottom) room.letGo();
    place.keep(() => this.#draw());
    if (isSending) place.toBottom();
    this.#moved();
  }

  #noticeArrivals() {
    const { place } = this;
    const count = this.items.filter((item) => item.seq > this.#last && !this.isOwn(item)).length;
    if (count === 0) return;
    const hasLeft = !document.hasFocus() && !this.#isAway;
    if (hasLeft || (!place.isAtBottom && this.#newAfter === null))
      this.#newAfter = this.#last || null;
    this.#isAway = !document.hasFocus();
    if (!place.isAtBottom) this.#unseen += count;
  }

  #returned() {
    if (!document.hasFocus()) return;
    this.#isAway = false;
    this.#moved();
  }

  /** Older messages came. */
  older() {
    this.#quietly(() => this.place.keep(() => this.#draw()));
    this.#askForOlder();
  }

  /** Show who has read the last message. */
  showSeen() {
    const { room } = this;
    const isSent = room !== null && this.pending.length === 0;
    const names = isSent ? seenBy(this.items.at(-1), room.reads, room.members, this.me.id) : [];
    const who = this.#about?.kind === "direct" ? "" : ` by ${namesInLine(names.map(firstName))}`;
    this.seen.textContent = names.length ? `seen${who}` : "";
    this.seen.title = names.length ? `Seen by ${namesInLine(names, 99)}` : "";
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
    const element = this.elements.of(id);
    if (!element) return;
    this.place.toElement(element, "center");
    element.focus({ preventScroll: true });
    element.classList.remove("is-target");
    requestAnimationFrame(() => element.classList.add("is-target"));
  }

  #draw() {
    const { items, calendar, me } = this;
    const dayKey = (/** @type {string} */ at) => calendar.dayKey(at);
    const newAfter = this.#newAfter;
    this.elements.draw(rows(items, this.pending, { dayKey, newAfter, me: me.id }));
    this.#last = items.at(-1)?.seq ?? 0;
    this.#drawTop();
    this.keys.settle();
    this.showSeen();
  }

  #drawTop() {
    const isEmpty = this.items.every((item) => item.system) && this.pending.length === 0;
    const hasOlder = this.room !== null && (this.room.hasOlder || !this.room.isLoaded);
    paintTop(this.top, { room: this.#about, isEmpty, hasOlder }, this.options.onInvite);
  }

  /** Keep screen readers from announcing this change. @param {() => void} change */
  #quietly(change) {
    this.list.setAttribute("aria-busy", "true");
    change();
    requestAnimationFrame(() => this.list.setAttribute("aria-busy", "false"));
  }

  #moved() {
    if (this.place.isAtBottom) this.#unseen = 0;
    this.#paintLatest();
    this.#askForOlder();
    if (document.hasFocus()) this.#tellVisible();
  }

  #paintLatest() {
    this.latest.hidden = this.place.isAtBottom || this.items.length === 0;
    this.latest.classList.toggle("has-new", this.#unseen > 0);
    const label = /** @type {HTMLElement} */ (this.latest.querySelector("span"));
    label.textContent = this.#unseen ? counted(this.#unseen, "new message") : "Latest";
  }

  #askForOlder() {
    if (this.room?.hasOlder && this.scroller.scrollTop <= OLDER_AT_PX) this.options.onOlder?.();
  }

  #tellVisible() {
    const seen = [...this.list.children].slice(0, this.place.countSeen());
    const seqs = seen.map((each) => this.#seqOf(each)).filter((seq) => seq > this.#lastVisible);
    if (!seqs.length) return;
    this.#lastVisible = Math.max(...seqs);
    this.options.onVisible?.(this.#lastVisible);
  }

  /** @param {Element} element */
  #seqOf(element) {
    return element instanceof HTMLElement ? Number(element.dataset.seq ?? 0) : 0;
  }
}
