/**
 * The person's notifications on this page, without I/O: the stream as it came, and on top of it the
 * person's actions that the server has not confirmed yet.
 *
 * A notification never becomes unread again, so one that was read here stays read unless the server
 * refuses.
 */
import { Emitter } from "../core/emitter.js";
import { Stream } from "../core/stream.js";

/** @import { Notification } from "./types.d.ts" */
/** @import { Batch, SyncAnswer } from "../core/types.d.ts" */

/**
 * @typedef {object} Events
 * @property {[]} changed
 * @property {[Notification[]]} arrived these are new, and came while the page was open
 */

const HELD = 1_500;

/** @extends {Emitter<Events>} */
export class Inbox extends Emitter {
  /** Holds the items that the server sent, which need not be the newest without gaps: its floor stays 0. @type {Stream<Notification>} */
  #stream = new Stream();
  /** The count of the server at the stream's cursor. */
  #counted = 0;
  /** Read here and not confirmed yet. @type {Set<string>} */
  #reading = new Set();
  /** @type {Set<string>} */
  #archiving = new Set();
  /** Everything up to this seq was read here at once; null: nothing of the kind is under way. @type {number | null} */
  #readUpTo = null;
  #isReadUpToAcked = false;
  /** Whether the server has sent the inbox. */
  isKnown = false;

  get cursor() {
    return this.#stream.cursor;
  }

  /** Whether the server has changes that are not here. */
  get isBehind() {
    return this.#stream.isBehind;
  }

  /** The number of unread notifications, unconfirmed actions included. */
  get unread() {
    const open = this.#held().filter((item) => !item.read);
    if (this.#readUpTo !== null) return open.filter((item) => !this.#isRead(item)).length;
    return Math.max(0, this.#counted - open.filter((item) => this.#isRead(item)).length);
  }

  /** The notifications, the newest first, unconfirmed actions included. @returns {Notification[]} */
  list() {
    return this.#held()
      .filter((item) => !item.archived && !this.#archiving.has(item.id))
      .map((item) => (this.#isRead(item) && !item.read ? { ...item, read: true } : item))
      .reverse();
  }

  /** @param {string} id */
  find(id) {
    return this.list().find((item) => item.id === id);
  }

  /** Whether it is unread, or unknown. @param {string} id */
  isOpen(id) {
    const item = this.#stream.items.get(id);
    return !item || !(item.deleted || item.archived || this.#isRead(item));
  }

  #held() {
    return this.#stream.ordered().filter((item) => !item.deleted);
  }

  /** @param {Notification} item */
  #isRead(item) {
    const isBelow = this.#readUpTo !== null && item.seq <= this.#readUpTo;
    return item.read || isBelow || this.#reading.has(item.id) || this.#archiving.has(item.id);
  }

  // From the server.

  /**
   * The connection is there. The first time this is all there is to know; after that it shows what
   * was missed, and `isBehind` says whether to ask.
   * @param {{ unread: number, rev: number, items: Notification[] }} snapshot
   */
  welcome({ unread, rev, items }) {
    // Later it names what is unread and not what was read meanwhile: a gap, where the cursor is lower.
    const whole = { prev: this.isKnown ? rev : 0, rev, items: this.isKnown ? [] : items };
    this.isKnown = true;
    if (!this.#stream.apply(whole).gap) this.#count(unread);
    this.emit("changed");
  }

  /** A live batch; one that shows a gap changes nothing. @param {Batch<Notification> & { unread: number }} batch */
  receive(batch) {
    const before = this.#stream.cursor;
    const { gap, changed } = this.#stream.apply(batch);
    if (gap) return;
    if (batch.rev >= this.#stream.cursor) this.#count(batch.unread);
    this.#took(changed, before);
  }

  /** The server is being asked for what is missing. */
  asked() {
    this.#stream.asked();
  }

  /** @param {SyncAnswer<Notification> & { unread: number }} answer */
  synced(answer) {
    const before = this.#stream.cursor;
    const { changed, reset } = this.#stream.applySync(answer);
    this.#stream.floor = 0;
    this.#count(answer.unread);
    this.#took(reset ? [] : changed, before);
  }

  /** A page of the backlog. @param {Notification[]} items */
  listed(items) {
    this.#stream.applyHistory(items, false);
    this.emit("changed");
  }

  /** @param {Notification[]} changed @param {number} before the cursor before these */
  #took(changed, before) {
    this.#bound();
    this.emit("changed");
    const news = changed.filter((item) => item.seq > before && !item.deleted && !item.read);
    if (news.length > 0) this.emit("arrived", news);
  }

  /** @param {number} unread */
  #count(unread) {
    this.#counted = unread;
    for (const ids of [this.#reading, this.#archiving])
      for (const id of ids) if (this.#isTold(id, ids)) ids.delete(id);
    this.#settle();
  }

  /** Whether the server has confirmed the action. @param {string} id @param {Set<string>} ids */
  #isTold(id, ids) {
    const item = this.#stream.items.get(id);
    if (!item || item.deleted) return true;
    return ids === this.#reading ? item.read : item.archived === true;
  }

  /** The server's own count has caught up with having read everything. */
  #settle() {
    if (this.#isReadUpToAcked && this.#counted <= this.unread) this.#readUpTo = null;
  }

  #bound() {
    const { items } = this.#stream;
    if (items.size <= HELD) return;
    for (const { id } of this.#stream.ordered().slice(0, items.size - HELD)) items.delete(id);
  }

  // Actions of the person: shown at once, taken back if the server refuses.

  /** @param {Iterable<string>} ids @returns {string[]} those that were unread */
  read(ids) {
    const open = new Set(this.list().flatMap((item) => (item.read ? [] : [item.id])));
    const read = [...ids].filter((id) => open.has(id));
    for (const id of read) this.#reading.add(id);
    if (read.length > 0) this.emit("changed");
    return read;
  }

  /** @param {Iterable<string>} ids */
  unreadAgain(ids) {
    for (const id of ids) this.#reading.delete(id);
    this.emit("changed");
  }

  /** Mark everything as read that is there now; later arrivals stay unread. */
  readAll() {
    this.#readUpTo = this.#stream.cursor;
    this.#isReadUpToAcked = false;
    this.emit("changed");
  }

  /** @param {boolean} isDone whether the server did it */
  answeredAll(isDone) {
    if (isDone) this.#isReadUpToAcked = true;
    else this.#readUpTo = null;
    this.#settle();
    this.emit("changed");
  }

  /** @param {Iterable<string>} ids */
  archive(ids) {
    for (const id of ids) this.#archiving.add(id);
    this.emit("changed");
  }

  /** @param {Iterable<string>} ids */
  unarchived(ids) {
    for (const id of ids) this.#archiving.delete(id);
    this.emit("changed");
  }
}
