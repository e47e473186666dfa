/**
 * The reader's place in the open room: where it opens, the message that a link leads to, the way to
 * the first unread and to the latest, and the history around. The room fetches, the view shows.
 */
import { clock } from "../../core/clock.js";
import { orUndefined, RequestError } from "../../core/errors.js";
import { t } from "../../core/i18n.js";
import { showToast } from "../../core/ui/prompts.js";
import { Concealment } from "./concealment.js";
import { ReadingPlaces } from "./reading_places.js";
import { UnreadAtOpening } from "./unread_at_opening.js";

/** @import { ChatState } from "../chat_state.js" */
/** @import { OpenRoom } from "../rooms/open_room.js" */
/** @import { HistoryTarget } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

/** @typedef {"unread" | "newest"} OpensAt */

export class Reading {
  /** @type {OpenRoom | null} */
  #room = null;
  /** The room may still be moved to the place where it opens. */
  #isOpening = false;
  /** The id of the message that a link leads to. @type {string | null} */
  #aim = null;
  /** @type {Promise<boolean> | null} */
  #seeking = null;
  #isCutOff = false;
  /** The reader marked messages as unread: they stay so until the room is opened again. */
  #keepsUnread = false;

  /**
   * @param {ChatState} chat
   * @param {MessageListView} view
   * @param {() => OpensAt} opensAt
   */
  constructor(chat, view, opensAt) {
    this.#chat = chat;
    this.#view = view;
    this.#opensAt = opensAt;
    this.#places = new ReadingPlaces(chat.me.id, ownStore());
    this.#unread = new UnreadAtOpening(chat, view, () => this.toFirstUnread());
    this.#concealment = new Concealment(view, clock);
    // A link may wait for a connection.
    chat.on("unread", (id) => id === this.#room?.room.id && this.#markedUnread());
    chat.on("rooms", () => this.#aim !== null && this.#seek());
    for (const sign of ["wheel", "touchmove", "keydown", "pointerdown"])
      view.scroller.addEventListener(sign, () => this.#touched(), { passive: true });
  }

  #chat;
  #view;
  #opensAt;
  #places;
  #unread;
  #concealment;

  /** Another room is open; its messages may still be on their way. @param {OpenRoom | null} room */
  opened(room) {
    const left = this.#room;
    if (left !== room) this.#aim = null;
    this.keepPlace();
    this.#concealment.end();
    this.#room = room;
    this.#isOpening = true;
    this.#keepsUnread = false;
    this.#unread.forget();
  }

  /** Keep where the reader is in the open room, which they may leave. */
  keepPlace() {
    if (this.#room?.isLoaded && this.#view.isReading)
      this.#places.leave(this.#room.room.id, this.#view.place.anchor());
  }

  /** Whether the reader left the open room elsewhere than at its end. */
  hasPlace() {
    return this.#room !== null && this.#places.of(this.#room.room.id) !== undefined;
  }

  /** Show no messages before the place where the room opens is found: others would only flash up. */
  #conceal() {
    const room = this.#room;
    if (!this.#isOpening || !room?.isLoaded || this.#isCutOff || !this.#isElsewhere(room)) return;
    this.#concealment.begin();
  }

  /** @param {boolean} isAway the server can't be reached: what is not here does not come now */
  setAway(isAway) {
    this.#isCutOff = isAway;
    if (isAway) this.#concealment.end();
  }

  /** Whether the place where the room opens is not in the part that is held. @param {OpenRoom} room */
  #isElsewhere(room) {
    const { items } = room.stream;
    if (this.#aim !== null) return !items.has(this.#aim);
    const place = this.#places.of(room.room.id);
    if (place) return !items.has(place.id);
    const isAtUnread = this.#unread.after !== undefined && this.#opensAt() === "unread";
    return isAtUnread && !this.#unread.isHeld(room);
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
    // Coming back leads to the first unread message.
    if (this.#room) this.#places.leave(this.#room.room.id, null);
    this.#view.markNew(this.#chat.rooms.find(this.#room?.room.id ?? "")?.last_read ?? 0);
  }

  /** From now on what the reader sees is read. */
  #read() {
    this.#concealment.end();
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
    this.#unread.note(room);
    this.#conceal();
    const place = this.#places.of(room.room.id);
    if (place && (this.#view.toPlace(place) || (await this.#around({ seq: place.seq }))))
      this.#view.toPlace(place);
    else if (room === this.#room && this.#unread.after !== undefined)
      await this.#openUnread(room, isLive);
  }

  /** @param {OpenRoom} room @param {boolean} isLive */
  async #openUnread(room, isLive) {
    if (this.#opensAt() === "newest") await this.#unread.tellSince(room);
    else if (isLive || !this.#unread.isHeld(room)) await this.toFirstUnread();
    else this.#view.toNewLine();
  }

  /** Show the first message that was unread when the room was opened. */
  async toFirstUnread() {
    const room = this.#room;
    const { after } = this.#unread;
    if (!room || after === undefined) return;
    if (!this.#view.toNewLine() && !this.#unread.isHeld(room)) {
      if (!(await this.#around({ seq: after }))) return;
      this.#view.markNew(after);
      this.#view.toNewLine();
    }
    this.moved();
  }

  /** The reader scrolled, or messages were drawn. */
  moved() {
    this.#unread.moved();
  }

  /** Show the newest messages. */
  async latest() {
    const room = this.#room;
    if (room?.hasNewer) {
      await orUndefined(room.goToEnd(this.#chat.request));
      if (room !== this.#room) return;
      this.#view.redraw();
    }
    this.#view.toLatest();
  }

  /** Show this message of the open room, or of the one that is being opened. @param {string} id */
  async show(id) {
    this.#aim = id;
    this.#conceal();
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

  /** One at a time: those who ask meanwhile get its outcome. @returns {Promise<boolean>} whether a link led somewhere */
  #seek() {
    this.#seeking ??= this.#follow().finally(() => {
      this.#seeking = null;
    });
    return this.#seeking;
  }

  /** @returns {Promise<boolean>} */
  async #follow() {
    const room = this.#room;
    const id = this.#aim;
    if (id === null || !room?.isLoaded) return false;
    const isHere = room.stream.items.has(id) || (await this.#bring(room, id));
    if (this.#aim !== id) return this.#follow();
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
    const found = await orUndefined(room.goAround(this.#chat.request, target));
    if (room !== this.#room || !found) return false;
    this.#view.redraw();
    return true;
  }

  /**
   * A failure is not shown: scrolling on asks again. While the place where the room opens is sought,
   * the view stands elsewhere, and nothing around it is needed.
   */
  async older() {
    if (!this.#isOpening) await this.#room?.fetchOlder(this.#chat.request).catch(() => {});
  }

  async newer() {
    if (!this.#isOpening) await this.#room?.fetchNewer(this.#chat.request).catch(() => {});
  }
}

/** Where the browser forbids to store anything, asking for the store throws. */
function ownStore() {
  try {
    return sessionStorage;
  } catch {
    return null;
  }
}
