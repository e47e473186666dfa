/**
 * The messages of the open room. The room holds them; this draws what it holds, and keeps the reader's
 * place, the New line and the way back to the latest.
 */
import { preferences } from "../../core/preferences.js";
import { part } from "../../core/ui/dom.js";
import { Calendar } from "../../core/ui/format.js";
import { countAfter, isCountable } from "./countable.js";
import { DrawnRooms } from "./drawn_rooms.js";
import { Folds } from "./folds.js";
import { MessageElements } from "./message_elements.js";
import { MessageKeys } from "./message_keys.js";
import { paintLatest, paintSeenBy } from "./message_list_foot.js";
import { paintTop } from "./message_list_top.js";
import { rows, seenBy } from "./message_rows.js";
import { MessageToolbar } from "./message_toolbar.js";
import { ScrollPosition } from "./scroll_position.js";

/** @import { OpenRoom } from "../rooms/open_room.js" */
/** @import { Message, Pending, Room } from "../types.d.ts" */
/** @import { MessagesOptions } from "./types.d.ts" */

const MORE_AT_PX = 900;
/** The preferences that times are shown by. */
const TIMES = /** @type {const} */ (["clock", "time_zone"]);

export class MessageListView {
  /** @type {OpenRoom | null} */
  room = null;
  /** The room as the list of rooms has it too. @type {Room | null} */
  #about = null;
  /** The New line stands after this seq. @type {number | null} */
  #newAfter = null;
  /** Messages before the reader's eyes are read: not while the place where a room opens is sought. */
  isReading = false;
  /** A message arrived since the window lost the focus. */
  #isAway = false;
  #lastVisible = 0;
  #isCutOff = false;
  /** The message that was gone to. @type {HTMLElement | null} */
  #target = null;

  /** @param {HTMLElement} root @param {MessagesOptions} options */
  constructor(root, options) {
    this.options = options;
    this.me = options.me;
    this.calendar = new Calendar();
    for (const key of TIMES) preferences.on(key, () => this.#renewTimes());
    this.scroller = /** @type {HTMLElement} */ (root.querySelector(".messages-scroll"));
    this.list = part(root, "list");
    this.top = part(root, "top");
    this.seen = part(root, "seen");
    this.bottom = part(root, "bottom");
    this.latest = part(root, "latest");
    this.drawnRooms = new DrawnRooms(() => new MessageElements(this.list, options.template, this));
    this.elements = this.drawnRooms.none();
    this.place = new ScrollPosition(this.scroller, this.list, () => this.#moved());
    this.toolbar = new MessageToolbar(this.list, this);
    this.keys = new MessageKeys(this.list, this);
    this.folds = new Folds(this.list, this);
    this.latest.addEventListener("click", () => this.options.onLatest?.());
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
   * Draws a room anew, at its end. null: there is none, or none that this person may see.
   * @param {OpenRoom | null} room
   * @param {{ keep?: boolean }} [how] `keep`: the same room after a reset; the place stays if it can.
   */
  show(room, { keep = false } = {}) {
    const keepsPlace = keep && !this.place.isAtBottom;
    const top = this.scroller.scrollTop;
    this.toolbar.hide();
    this.room = room;
    this.#about = room?.room ?? null;
    this.#lastVisible = 0;
    this.#newAfter = null;
    this.isReading = false;
    this.#target?.classList.remove("is-target");
    this.#takeElements();
    this.redraw();
    if (keepsPlace) this.scroller.scrollTop = top;
    else this.place.toBottom();
    this.#moved();
  }

  /** Those that were drawn for the room, or new ones. */
  #takeElements() {
    this.elements = this.room
      ? this.drawnRooms.of(this.room.room.id, this.isReadOnly ? "closed" : "open")
      : this.drawnRooms.none();
  }

  /** Draws what the room holds by now, wherever that lies. */
  redraw() {
    this.#quietly(() => this.#draw());
    this.#heldEnd();
  }

  #heldEnd() {
    this.place.holdsEnd = !this.room?.hasNewer;
  }

  /** The place where the room opens is found: from now on what is visible is read. */
  read() {
    this.isReading = true;
    this.#moved();
  }

  /** The New line stands before the first message after a seq that counts. @param {number} seq */
  markNew(seq) {
    this.#newAfter = seq;
    this.redrawInPlace();
  }

  /** Draws what the room holds; what is read stays where it is. */
  redrawInPlace() {
    this.#quietly(() => this.place.keep(() => this.#draw()));
  }

  /** @returns {"none" | "above" | "within" | "below"} where the New line is to be found */
  placeOfNewLine() {
    if (this.#newAfter === null) return "none";
    const { newLine } = this.elements;
    if (newLine.isConnected) return this.place.where(newLine);
    return (this.room?.stream.floor ?? 0) > this.#newAfter ? "above" : "below";
  }

  /** @returns {boolean} whether there is a New line to go to */
  toNewLine() {
    if (!this.elements.newLine.isConnected) return false;
    this.place.toElement(this.elements.newLine);
    return true;
  }

  /** @param {import("./scroll_position.js").Anchor} anchor @returns {boolean} whether its message is held */
  toPlace({ id, top }) {
    const element = this.elements.of(id);
    if (element) this.place.toAnchor(element, top);
    return element !== undefined;
  }

  /** The same room, renamed, archived or joined meanwhile. @param {Room} about */
  setRoom(about) {
    if (this.#about?.id !== about.id) return;
    const wasReadOnly = this.isReadOnly;
    this.#about = about;
    if (wasReadOnly !== this.isReadOnly) this.toolbar.hide();
    this.place.keep(() => this.#drawTop());
  }

  #renewTimes() {
    this.calendar = new Calendar();
    this.drawnRooms.clear();
    this.#takeElements();
    this.#quietly(() => this.place.keep(() => this.#draw()));
  }

  /** Something was written, changed, or is being sent. */
  update() {
    const { room, place } = this;
    if (!room) return;
    const isSending = this.pending.some(({ client_id }) => !this.elements.of(client_id));
    if (isSending) this.#newAfter = null;
    if (place.isAtBottom) room.letGo();
    place.keep(() => this.#draw());
    if (isSending) this.options.onLatest?.();
    else this.#moved();
  }

  /** Messages came that were not there before; `update` follows. @param {Message[]} news in seq order */
  arrived(news) {
    const first = news.find((message) => isCountable(message, this.me.id));
    if (!first) return;
    const hasLeft = !document.hasFocus() && !this.#isAway;
    if (hasLeft || (!this.place.isAtBottom && this.#newAfter === null))
      this.#newAfter = first.seq - 1;
    this.#isAway = !document.hasFocus();
  }

  #returned() {
    if (!document.hasFocus()) return;
    this.#isAway = false;
    this.#moved();
  }

  /** Older messages came, or newer ones. */
  extended() {
    this.redrawInPlace();
    this.#heldEnd();
    this.#moved();
  }

  /** Show who has read the last message. */
  showSeen() {
    const { room } = this;
    const isSent = room !== null && !room.hasNewer && this.pending.length === 0;
    const names = isSent ? seenBy(this.items.at(-1), room.reads, room.members, this.me.id) : [];
    paintSeenBy(this.seen, names, this.#about?.kind === "direct");
  }

  focusLast() {
    this.keys.last()?.focus();
  }

  /** To the end of what is held. */
  toLatest() {
    this.place.toBottom();
    this.#moved();
  }

  /** Shows a message that is held, and marks it for a moment. @param {string} id */
  goTo(id) {
    const element = this.elements.of(id);
    if (!element) return this.options.onQuoted?.(id);
    this.place.toElement(element, "center");
    element.focus({ preventScroll: true });
    this.#target?.classList.remove("is-target");
    this.#target = element;
    requestAnimationFrame(() => this.#target?.classList.add("is-target"));
  }

  #draw() {
    const { items, calendar, me } = this;
    const dayKey = (/** @type {string} */ at) => calendar.dayKey(at);
    const floor = this.room?.stream.floor ?? 0;
    // Where older unread messages are not held, the first of these is not the first unread one.
    const newAfter = this.#newAfter !== null && floor <= this.#newAfter ? this.#newAfter : null;
    this.elements.draw(
      rows(items, this.pending, {
        dayKey,
        newAfter,
        me: me.id,
        isUnfolded: (id) => this.folds.isOpen(id),
      }),
    );
    this.bottom.hidden = !this.room?.hasNewer;
    this.#drawTop();
    this.keys.settle();
    this.showSeen();
  }

  /** @param {boolean} isAway the server can't be reached: what is not here does not come now */
  setAway(isAway) {
    this.#isCutOff = isAway;
    this.place.keep(() => this.#drawTop());
  }

  #drawTop() {
    const isEmpty = this.items.every((item) => item.system) && this.pending.length === 0;
    const hasOlder = this.room !== null && (this.room.hasOlder || !this.room.isLoaded);
    const isMissing = this.#isCutOff && this.room !== null && !this.room.isLoaded;
    const shown = { room: this.#about, isEmpty, hasOlder, isMissing };
    return paintTop(this.top, shown, this.options.onInvite);
  }

  /** Keep screen readers from announcing this change. @param {() => void} change */
  #quietly(change) {
    this.list.setAttribute("aria-busy", "true");
    change();
    requestAnimationFrame(() => this.list.setAttribute("aria-busy", "false"));
  }

  #moved() {
    this.#paintLatest();
    this.#askForMore();
    if (document.hasFocus() && this.isReading) this.#tellVisible();
    this.options.onMoved?.();
  }

  #paintLatest() {
    const isHidden = this.place.isAtBottom || this.items.length === 0;
    paintLatest(this.latest, { isHidden, count: isHidden ? 0 : this.#countUnseen() });
  }

  /** How many unread messages are below what the reader has seen. */
  #countUnseen() {
    const { room } = this;
    if (!room) return 0;
    if (room.hasNewer) return this.options.unread?.(room.room.id) ?? 0;
    return countAfter(this.items, Math.max(this.#lastVisible, room.last_read), this.me.id);
  }

  #askForMore() {
    const { room } = this;
    if (room?.hasOlder && this.scroller.scrollTop <= MORE_AT_PX) this.options.onOlder?.();
    if (room?.hasNewer && this.place.fromBottom <= MORE_AT_PX) this.options.onNewer?.();
  }

  #tellVisible() {
    const seq = this.place.lastSeen();
    if (seq <= this.#lastVisible) return;
    this.#lastVisible = seq;
    this.options.onVisible?.(seq);
  }
}
