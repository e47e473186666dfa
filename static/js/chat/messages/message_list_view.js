/**
 * The messages of the open room. The room holds them; this draws what it holds, and keeps the reader's
 * place, the New line and the way back to the latest.
 */
import { preferences } from "../../core/preferences.js";
import { part } from "../../core/ui/dom.js";
import { Calendar } from "../../core/ui/format.js";
import { DrawnRooms } from "./drawn_rooms.js";
import { Folds } from "./folds.js";
import { MessageElements } from "./message_elements.js";
import { MessageKeys } from "./message_keys.js";
import { MessageListFoot } from "./message_list_foot.js";
import { MessageListTop } from "./message_list_top.js";
import { rows } from "./message_rows.js";
import { MessageToolbar } from "./message_toolbar.js";
import { NewLine } from "./new_line.js";
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
  about = null;
  #newLine = new NewLine();
  /** Messages before the reader's eyes are read: not while the place where a room opens is sought. */
  isReading = false;
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
    this.top = new MessageListTop(part(root, "top"), this);
    this.bottom = part(root, "bottom");
    this.seeking = part(root, "seeking");
    this.drawnRooms = new DrawnRooms(
      this.list,
      (pane) => new MessageElements(pane, options.template, this),
    );
    this.elements = this.drawnRooms.none();
    this.place = new ScrollPosition(this.scroller, this.elements.pane, () => this.#moved());
    this.toolbar = new MessageToolbar(this.list, this);
    this.keys = new MessageKeys(this.list, this);
    this.folds = new Folds(this.list, this);
    this.foot = new MessageListFoot(root, this);
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
    return !this.about || this.about.archived || this.about.member === false;
  }

  /** @param {string} id */
  find(id) {
    return this.room?.stream.items.get(id);
  }

  /** @param {string} id */
  nameOf(id) {
    return this.room?.nameOf(id);
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
    this.about = room?.room ?? null;
    this.foot.opened();
    this.#newLine.after = null;
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
    this.place.rows = this.elements.pane;
    this.keys.roving.within = this.elements.pane;
  }

  /** Draws what the room holds by now, wherever that lies. */
  redraw() {
    this.#quietly(() => this.#draw());
    this.place.holdsEnd = !this.room?.hasNewer;
  }

  /** Show none of the messages while their right part is sought. @param {boolean} isHidden */
  conceal(isHidden) {
    this.seeking.hidden = !this.scroller.classList.toggle("is-seeking", isHidden);
  }

  /** The place where the room opens is found: from now on what is visible is read. */
  read() {
    this.isReading = true;
    this.#moved();
  }

  /** The New line stands before the first message after a seq that counts. @param {number} seq */
  markNew(seq) {
    this.#newLine.after = seq;
    this.redrawInPlace();
  }

  /** Draws what the room holds; what is read stays where it is. */
  redrawInPlace() {
    this.#quietly(() => this.place.keep(() => this.#draw()));
  }

  /** @returns {"none" | "above" | "within" | "below"} where the New line is to be found */
  placeOfNewLine() {
    const { after } = this.#newLine;
    if (after === null) return "none";
    const { newLine } = this.elements;
    if (newLine.isConnected) return this.place.where(newLine);
    return (this.room?.stream.floor ?? 0) > after ? "above" : "below";
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
    if (this.about?.id !== about.id) return;
    const wasReadOnly = this.isReadOnly;
    this.about = about;
    if (wasReadOnly !== this.isReadOnly) this.toolbar.hide();
    this.place.keep(() => this.top.draw());
  }

  #renewTimes() {
    this.calendar = new Calendar();
    this.drawnRooms.clear();
    this.#takeElements();
    this.redrawInPlace();
  }

  /** Something was written, changed, or is being sent. */
  update() {
    const { room, place } = this;
    if (!room) return;
    const isSending = this.pending.some(({ client_id }) => !this.elements.of(client_id));
    if (isSending) this.#newLine.after = null;
    if (place.isAtBottom) room.letGo();
    place.keep(() => this.#draw());
    if (isSending) this.options.onLatest?.();
    else this.#moved();
  }

  /** Messages came that were not there before; `update` follows. @param {Message[]} news in seq order */
  arrived(news) {
    const { isAtBottom } = this.place;
    this.#newLine.arrived(news, { me: this.me.id, hasFocus: document.hasFocus(), isAtBottom });
  }

  #returned() {
    if (!document.hasFocus()) return;
    this.#newLine.returned();
    this.#moved();
  }

  /** Older messages came, or newer ones. */
  extended() {
    this.redrawInPlace();
    this.place.holdsEnd = !this.room?.hasNewer;
    this.#moved();
  }

  /** Show who has read the last message. */
  showSeen() {
    this.foot.showSeen(this.about?.kind === "direct");
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
    this.elements.draw(
      rows(items, this.pending, {
        dayKey,
        newAfter: this.#newLine.drawnAfter(this.room?.stream.floor ?? 0),
        me: me.id,
        isUnfolded: (id) => this.folds.isOpen(id),
      }),
    );
    this.bottom.hidden = !this.room?.hasNewer;
    this.top.draw();
    this.keys.settle();
    this.showSeen();
  }

  /** @param {boolean} isAway the server can't be reached: what is not here does not come now */
  setAway(isAway) {
    this.top.isCutOff = isAway;
    this.place.keep(() => this.top.draw());
  }

  /** Keep screen readers from announcing this change. @param {() => void} change */
  #quietly(change) {
    this.list.setAttribute("aria-busy", "true");
    change();
    requestAnimationFrame(() => this.list.setAttribute("aria-busy", "false"));
  }

  #moved() {
    this.foot.showLatest();
    this.#askForMore();
    if (document.hasFocus() && this.isReading) this.foot.tellVisible();
    this.options.onMoved?.();
  }

  #askForMore() {
    // Another part is on its way: what lies beside this one is not needed.
    const room = this.seeking.hidden ? this.room : null;
    if (room?.hasOlder && this.scroller.scrollTop <= MORE_AT_PX) this.options.onOlder?.();
    if (room?.hasNewer && this.place.fromBottom <= MORE_AT_PX) this.options.onNewer?.();
  }
}
