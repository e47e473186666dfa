/**
 * The reader's place in the open room: where it opens, the message that a link leads to, the way to
 * the first unread and to the latest, and the history around. The room fetches, the view shows.
 */
import { RequestError } from "../../core/errors.js";
import { t } from "../../core/i18n.js";
import { showToast } from "../../core/ui/prompts.js";
import { isCountable } from "./countable.js";
import { ReadingPlaces } from "./reading_places.js";
import { UnreadBar } from "./unread_bar.js";

/** @import { ChatState } from "../chat_state.js" */
/** @import { OpenRoom } from "../rooms/open_room.js" */
/** @import { HistoryTarget, Message } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

/** @typedef {"unread" | "newest"} OpensAt */

const ALL = Number.MAX_SAFE_INTEGER;
/** So many messages after the last read one are looked at for the first that counts. */
const LOOKED_AT = 20;

export class Reading {
  /** @type {OpenRoom | null} */
  #room = null;
  /** The room may still be moved to the place where it opens. */
  #isOpening = false;
  /** The id of the message that a link leads to. @type {string | null} */
  #aim = null;
  #isSeeking = false;
  /** The reader marked messages as unread: they stay so until the room is opened again. */
  #keepsUnread = false;
  #places = new ReadingPlaces();
  /** The unread messages at the opening of the room, until they were seen. @type {{ after: number, count: number, since: string } | null} */
  #unread = null;

  /**
   * @param {ChatState} chat
   * @param {MessageListView} view
   * @param {() => OpensAt} opensAt
   */
  constructor(chat, view, opensAt) {
    this.#chat = chat;
    this.#view = view;
    this.#opensAt = opensAt;
    this.#bar = new UnreadBar(view.scroller, {
      onJump: () => this.toFirstUnread(),
      onDismiss: () => this.#seen(),
    });
    // A link may wait for a connection.
    chat.on("unread", (id) => id === this.#room?.room.id && this.#markedUnread());
    chat.on("rooms", () => this.#aim !== null && this.#seek());
    for (const sign of ["wheel", "touchmove", "keydown", "pointerdown"])
      view.scroller.addEventListener(sign, () => this.#touched(), { passive: true });
  }

  #chat;
  #view;
  #opensAt;
  #bar;

  /** Another room is open; its messages may still be on their way. @param {OpenRoom | null} room */
  opened(room) {
    const left = this.#room;
    if (left !== room) this.#aim = null;
    if (left?.isLoaded && this.#view.isReading)
      this.#places.leave(left.room.id, this.#view.place.anchor());
    this.#room = room;
    this.#isOpening = true;
    this.#keepsUnread = false;
    this.#unread = null;
    this.#bar.show(null);
  }

  /** The view shows the room anew. @param {{ keep: boolean }} how `keep`: its place stayed */
  async drawn({ keep }) {
    if (keep && !this.#isOpening) this.#read();
    else await this.#open({ isLive: this.#isLive });
    if (this.#isLive) await this.live();
  }

  /** Nothing of the room is missing any more. */
  async live() {
    if (await this.#seek()) return;
    if (this.#isOpening) await this.#open({ isLive: true });
    this.#isOpening = false;
    this.#read();
  }

  get #isLive() {
    const room = this.#room;
    return room !== null && (room.room.member === false || this.#chat.openRooms.isLive(room));
  }

  #markedUnread() {
    this.#keepsUnread = true;
    this.#view.isReading = false;
    this.#isOpening = false;
    this.#view.markNew(this.#chat.rooms.find(this.#room?.room.id ?? "")?.last_read ?? 0);
  }

  /** From now on what the reader sees is read. */
  #read() {
    if (!this.#keepsUnread) this.#view.read();
  }

  /** From now on only the reader moves. */
  #touched() {
    if (this.#aim !== null || this.#view.isReading) return;
    this.#isOpening = false;
    this.#read();
  }

  /**
   * To where the reader left it, else to the first unread message, else to the end.
   * @param {{ isLive: boolean }} how `isLive`: nothing is on its way that would bring unread messages
   */
  async #open({ isLive }) {
    const room = this.#room;
    if (!room?.isLoaded || this.#aim !== null) return;
    this.#noteUnread(room);
    const place = this.#places.of(room.room.id);
    if (place && (this.#view.toPlace(place) || (await this.#around({ seq: place.seq }))))
      this.#view.toPlace(place);
    else if (room === this.#room && this.#unread) await this.#openUnread(room, isLive);
  }

  /** @param {OpenRoom} room */
  #noteUnread({ room }) {
    const { last_read: after = 0, unread: count = 0 } = this.#chat.rooms.find(room.id) ?? {};
    // Where nothing was read, a New line would say nothing.
    this.#unread = count > 0 && after > 0 ? { after, count, since: "" } : null;
    if (this.#unread) this.#view.markNew(after);
  }

  /** @param {OpenRoom} room @param {boolean} isLive */
  async #openUnread(room, isLive) {
    if (this.#opensAt() === "newest") await this.#tellSince(room);
    else if (isLive || !this.#holdsFirstUnread(room)) await this.toFirstUnread();
    else this.#view.toNewLine();
  }

  /** Whether the part that is held has the first unread message, or will once the room is live. @param {OpenRoom} room */
  #holdsFirstUnread({ stream }) {
    const after = this.#unread?.after ?? 0;
    return stream.floor <= after && (stream.reachesEnd || stream.ceiling > after);
  }

  /** Fills in since when there are unread messages. @param {OpenRoom} room */
  async #tellSince(room) {
    const unread = this.#unread;
    if (!unread) return;
    const first = await this.#firstAfter(room, unread.after);
    if (first) this.#unread = { ...unread, since: this.#view.calendar.since(first.at) };
    this.moved();
  }

  /** @param {OpenRoom} room @param {number} after @returns {Promise<Message | undefined>} */
  async #firstAfter({ room, stream }, after) {
    const counts = (/** @type {Message} */ message) =>
      message.seq > after && isCountable(message, this.#chat.me.id);
    if (stream.floor <= after) return stream.ordered().find(counts);
    const asked = { room: room.id, after, before: ALL, limit: LOOKED_AT };
    const page = await this.#asked(this.#chat.request("room:history", asked));
    return page?.items.find(counts);
  }

  /** Show the first message that was unread when the room was opened. */
  async toFirstUnread() {
    const room = this.#room;
    const after = this.#unread?.after;
    if (!room || after === undefined) return;
    if (!this.#view.toNewLine() && !this.#holdsFirstUnread(room)) {
      if (!(await this.#around({ seq: after }))) return;
      this.#view.markNew(after);
      this.#view.toNewLine();
    }
    this.moved();
  }

  /** The reader scrolled, or messages were drawn. */
  moved() {
    const place = this.#unread && this.#view.placeOfNewLine();
    if (place === "within" && this.#view.isReading) this.#seen();
    else this.#bar.show(place === "above" && this.#view.isReading ? this.#unread : null);
  }

  #seen() {
    this.#unread = null;
    this.#bar.show(null);
  }

  /** Show the newest messages. */
  async latest() {
    const room = this.#room;
    if (room?.hasNewer) {
      await this.#asked(room.goToEnd(this.#chat.request));
      if (room !== this.#room) return;
      this.#view.redraw();
    }
    this.#view.toLatest();
  }

  /** Show this message of the open room, or of the one that is being opened. @param {string} id */
  async show(id) {
    this.#aim = id;
    await this.#seek();
  }

  /** Show what was written from this moment on. @param {string} at RFC 3339 */
  async showSince(at) {
    const room = this.#room;
    this.#isOpening = false;
    if (!room || !(await this.#around({ at }))) return;
    const items = room.stream.ordered();
    const first = items.find((message) => message.at >= at) ?? items.at(-1);
    if (first) this.#view.goTo(first.id);
    this.#read();
  }

  /** @returns {Promise<boolean>} whether a link led somewhere */
  async #seek() {
    const room = this.#room;
    const id = this.#aim;
    if (id === null || !room?.isLoaded || this.#isSeeking) return false;
    this.#isSeeking = true;
    const isHere = room.stream.items.has(id) || (await this.#bring(room, id));
    this.#isSeeking = false;
    if (this.#aim !== id) return this.#seek();
    if (isHere === undefined || room !== this.#room) return false;
    this.#aim = null;
    if (isHere) this.#lead(id);
    return isHere;
  }

  /**
   * @param {OpenRoom} room
   * @param {string} id
   * @returns {Promise<boolean | undefined>} whether it is here now; undefined where that isn't known yet
   */
  async #bring(room, id) {
    try {
      await room.goAround(this.#chat.request, { id });
      return true;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      // Without a connection the aim stays for the next one.
      if (!error.isFinal) return undefined;
      const isGone = error.code === "not_found";
      showToast(isGone ? t("This message is gone, or you may not see it.") : error.message);
      return false;
    }
  }

  /** @param {string} id of a message that is held */
  #lead(id) {
    this.#isOpening = false;
    this.#view.redraw();
    if (this.#view.elements.of(id)) this.#view.goTo(id);
    this.#read();
    if (this.#view.find(id)?.deleted) showToast(t("This message was deleted."));
  }

  /** Hold the part of the history around a place. @param {HistoryTarget} target @returns {Promise<boolean>} whether it is shown */
  async #around(target) {
    const room = this.#room;
    if (!room) return false;
    const found = await this.#asked(room.goAround(this.#chat.request, target));
    if (room !== this.#room || !found) return false;
    this.#view.redraw();
    return true;
  }

  /**
   * @template T
   * @param {Promise<T>} asked
   * @returns {Promise<T | undefined>} undefined where it failed, as without a connection
   */
  async #asked(asked) {
    try {
      return await asked;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return undefined;
    }
  }

  /** A failure is not shown: scrolling on asks again. */
  async older() {
    await this.#room?.fetchOlder(this.#chat.request).catch(() => {});
  }

  async newer() {
    await this.#room?.fetchNewer(this.#chat.request).catch(() => {});
  }
}
