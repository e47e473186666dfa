/**
 * One open room: a part of its stream, mostly the newest, its members and how far each has read. It
 * makes the requests that join it, catch up and fetch history; `OpenRooms` decides when. This is the
 * page's only copy of a room: views read it when one of its events is emitted.
 */
import { Emitter } from "../../core/emitter.js";
import { Stream } from "../../core/stream.js";
import { withNames } from "../members/current_names.js";
import { keepMine } from "./own_reactions.js";
import { watchPresence } from "./presence_watch.js";
import { followPins } from "./room_changes.js";
import { RoomMembers } from "./room_members.js";

/** @import { HistoryTarget, Member, Message, Room, RoomBeginning } from "../types.d.ts" */
/** @import { Batch, SyncAnswer } from "../../core/types.d.ts" */
/** @import { Names } from "../members/current_names.js" */
/** @import { Request } from "./open_rooms.js" */
/** @import { About } from "./room_members.js" */

/**
 * @typedef {object} Events
 * @property {[{ keep: boolean }]} shown everything changed: draw it anew
 * @property {[]} changed messages are new or different
 * @property {[Message[]]} arrived new messages, by seq; held only where the part reaches the end
 * @property {[]} live the server has joined this connection, and nothing is missing
 * @property {[]} older a page of history has been fetched
 * @property {[]} newer a page of history after what is held has been fetched
 * @property {[]} moved another part of the history is held
 * @property {[Member[]]} members the list changed; its arguments are new, with their current presence
 * @property {[]} reads
 * @property {[]} pins another number of messages is pinned
 */

/** @typedef {RoomBeginning & About} Snapshot */

const PAGE = 50;
/** Messages around the one that is gone to. */
const AROUND = 100;
const AFTER_ALL = Number.MAX_SAFE_INTEGER;
/** Past this many messages the oldest may be let go; `KEPT` stay. */
const MOST = 1_500;
const KEPT = 1_000;
const SHRUNK = 100;
/** Syncing further than this many pages costs more than the newest page and history on demand. */
const PAGES_TO_CATCH_UP = 20;

/** @extends {Emitter<Events>} */
export class OpenRoom extends Emitter {
  /** @type {Stream<Message>} */
  stream = new Stream();
  people = new RoomMembers();
  /** @type {Record<string, number>} */
  reads = {};
  /** The ids of the pinned messages. @type {Set<string>} */
  pins = new Set();
  /** The seq that was read when the room was opened: the New line stands after it. */
  last_read = 0;
  isLoaded = false;
  #pages = 0;
  /** The pages before and after what is held that are being fetched. @type {Promise<void> | null} */
  #older = null;
  /** @type {Promise<void> | null} */
  #newer = null;
  /** The newest message that the reader had before their eyes, by seq. */
  visible = 0;

  /** @param {Room} room */
  constructor(room) {
    super();
    this.room = room;
    this.last_read = room.last_read;
  }

  /**
   * A room as the page or a join without cursor gives it.
   * @param {Snapshot} snapshot
   */
  load({ rev, items, older = false, newer = false, ...about }) {
    this.stream.restart({ rev, items: newer ? [] : items }, older);
    if (newer) this.stream.moveTo(items, { older, newer });
    this.#pages = 0;
    this.last_read = about.last_read;
    const keep = this.isLoaded;
    this.isLoaded = true;
    this.#about(about);
    this.emit("shown", { keep });
  }

  /** Those of the members who are held. */
  get members() {
    return this.people.list;
  }

  /** Whether the server has older history. */
  get hasOlder() {
    return this.stream.floor > 0;
  }

  /** Whether the server has messages after those that are held. */
  get hasNewer() {
    return !this.stream.reachesEnd;
  }

  /** @param {string} id @returns {string | undefined} the name of a member or of an author */
  nameOf(id) {
    const name = this.people.nameOf(id);
    return name ?? this.stream.ordered().find(({ by }) => by?.id === id)?.by.name;
  }

  /** @param {Omit<Snapshot, "rev" | "items">} about */
  #about({ room, reads, pins, ...about }) {
    this.room = room;
    const told = this.people.take(about);
    this.reads = reads;
    if (pins) this.pins = new Set(pins);
    this.#showNames(new Map(this.members.map(({ id, name }) => [id, name])));
    this.emit("members", told);
  }

  /** Some people have new names. @param {Names} names */
  renamed(names) {
    this.people.renamed(names);
    this.#showNames(names);
    this.emit("members", []);
  }

  /** @param {Names} names */
  #showNames(names) {
    if (this.stream.replace((message) => withNames(message, names))) this.emit("changed");
  }

  /**
   * Follow the room on this connection, from where we are.
   * @param {Request} request
   */
  async join(request) {
    const held = this.isLoaded ? { cursor: this.stream.cursor, ...this.people.held } : {};
    this.stream.asked();
    const answer = await request("room:join", { room: this.room.id, ...held });
    if (!this.isLoaded) this.load(answer);
    else {
      this.last_read = Math.max(this.last_read, answer.last_read);
      this.#apply(answer);
      this.#about(answer);
    }
    if (!this.isBehind) this.emit("live");
    // Their states are those of before the connection was lost.
    if (!answer.members && this.people.isLarge) await watchPresence(this, request, this.members);
  }

  /** Whether the server has changes that are not here. */
  get isBehind() {
    return this.isLoaded && this.stream.isBehind;
  }

  /**
   * Fetch the next page of changes.
   * @param {Request} request
   * @returns {Promise<boolean>} whether it brought us further
   */
  async catchUp(request) {
    this.stream.asked();
    if (this.#pages >= PAGES_TO_CATCH_UP) {
      this.load(await request("room:join", { room: this.room.id }));
      this.emit("live");
      return true;
    }
    const { cursor } = this.stream;
    const answer = await request("room:sync", { room: this.room.id, cursor });
    this.#apply(answer);
    if (!this.isBehind) this.emit("live");
    return answer.reset || this.stream.cursor > cursor;
  }

  /** @param {SyncAnswer<Message>} answer */
  #apply(answer) {
    this.#followPins(answer.items);
    const { news, reset } = this.stream.applySync(answer);
    this.#pages = this.stream.isBehind ? this.#pages + 1 : 0;
    if (reset) this.emit("shown", { keep: true });
    else this.#changed(news);
  }

  /** A live batch. @param {Batch<Message>} batch @param {string} [me] */
  receive(batch, me = "") {
    this.#followPins(batch.items);
    const items = batch.items.map((item) => keepMine(item, this.stream.items.get(item.id), me));
    this.#changed(this.stream.apply({ ...batch, items }).news);
  }

  /** @param {Message[]} news in seq order */
  #changed(news) {
    if (news.length) this.emit("arrived", news);
    this.emit("changed");
    const came = this.people.follow(news);
    if (came) this.emit("members", came);
  }

  /** @param {Message[]} items held or not */
  #followPins(items) {
    if (followPins(this.pins, items)) this.emit("pins");
  }

  /** Drop the oldest messages when there are too many to show; `fetchOlder` brings them back. */
  letGo() {
    if (this.stream.items.size > MOST) this.stream.trim(KEPT);
  }

  /** Keep the newest messages only: the room has not been open for a while. */
  shrink() {
    if (this.stream.reachesEnd) this.stream.trim(SHRUNK);
  }

  /** The person has read less than before. @param {number} last_read */
  markedUnread(last_read) {
    this.last_read = last_read;
    this.visible = Math.min(this.visible, last_read);
  }

  /** @param {number} seq the newest message before the reader's eyes */
  seen(seq) {
    this.visible = seq;
  }

  /**
   * Fetch the page of history before what is held; one at a time.
   * @param {Request} request
   * @returns {Promise<void>} rejects with a RequestError
   */
  fetchOlder(request) {
    this.#older ??= this.#fetchOlder(request).finally(() => {
      this.#older = null;
    });
    return this.#older;
  }

  /** @param {Request} request */
  async #fetchOlder(request) {
    const { floor } = this.stream;
    const asked = { room: this.room.id, before: floor, limit: PAGE };
    const { items, more } = await request("room:history", asked);
    // After a reset meanwhile the page continues nothing that is held now.
    if (this.stream.floor === floor) this.stream.applyHistory(items, more);
    if (this.stream.items.size > MOST) this.stream.trimNewest(KEPT);
    this.emit("older");
  }

  /**
   * Fetch the page of history after what is held; one at a time.
   * @param {Request} request
   * @returns {Promise<void>} rejects with a RequestError
   */
  fetchNewer(request) {
    this.#newer ??= this.#fetchNewer(request).finally(() => {
      this.#newer = null;
    });
    return this.#newer;
  }

  /** @param {Request} request */
  async #fetchNewer(request) {
    const { ceiling } = this.stream;
    if (this.stream.reachesEnd) return;
    const asked = { room: this.room.id, after: ceiling, before: AFTER_ALL, limit: PAGE };
    const { items, more } = await request("room:history", asked);
    if (this.stream.ceiling === ceiling) this.stream.applyNewer(items, more);
    this.letGo();
    this.emit("newer");
  }

  /**
   * Hold the part of the history around a message or a moment instead.
   * @param {Request} request
   * @param {HistoryTarget} target
   * @returns {Promise<boolean>} whether there are messages; rejects with a RequestError
   */
  async goAround(request, target) {
    const asked = { room: this.room.id, ...target, limit: AROUND };
    const { items, older, newer } = await request("message:context", asked);
    if (items.length === 0) return false;
    this.stream.moveTo(items, { older, newer });
    this.emit("moved");
    return true;
  }

  /** Hold the newest messages again. @param {Request} request */
  async goToEnd(request) {
    const asked = { room: this.room.id, before: AFTER_ALL, limit: PAGE };
    const { items, more } = await request("room:history", asked);
    if (items.length) this.stream.moveTo(items, { older: more, newer: false });
    this.emit("moved");
  }

  /** @param {Record<string, number>} reads */
  readBy(reads) {
    for (const [user, seq] of Object.entries(reads))
      this.reads = { ...this.reads, [user]: Math.max(this.reads[user] ?? 0, seq) };
    this.emit("reads");
  }
}
