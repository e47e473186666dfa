/**
 * One open room: what is held of its stream, and how it is joined, caught up and read backwards.
 * `visits.js` decides when; this asks the server and applies the answers.
 */
import { Emitter } from "../../core/emitter.js";
import { Stream } from "../../core/stream.js";
import { withNames } from "../members/current_names.js";

/** @import { JoinAnswer, Member, Message, Pending, Room, RoomView } from "../types.d.ts" */
/** @import { Batch, SyncAnswer } from "../../core/types.d.ts" */
/** @import { Names } from "../members/current_names.js" */
/** @import { Request } from "./open_rooms.js" */

/**
 * @typedef {object} Events
 * @property {[{ keep: boolean }]} shown everything changed: draw it anew
 * @property {[Message[]]} changed these are new or different
 * @property {[]} about the server told anew of the room and its members
 * @property {[]} reads
 */

const PAGE = 50;
const HELD = 2_000;
/** Syncing further than this many pages costs more than the newest page and history on demand. */
const PAGES_TO_CATCH_UP = 20;

/** @extends {Emitter<Events>} */
export class OpenRoom extends Emitter {
  /** @type {Stream<Message>} */
  stream = new Stream();
  /** @type {Member[]} */
  members = [];
  /** @type {Record<string, number>} */
  reads = {};
  /** How far was read when the visit began: the New line stands there. */
  last_read = 0;
  isLoaded = false;
  /** There is older history on the server. */
  hasOlder = false;
  #pages = 0;
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
   * @param {Pick<JoinAnswer, "rev" | "items" | "older" | "room" | "members" | "reads" | "last_read">} snapshot
   */
  load({ rev, items, older = false, ...about }) {
    this.stream.restart({ rev, items }, older);
    this.hasOlder = older;
    this.#pages = 0;
    this.last_read = about.last_read;
    const keep = this.isLoaded;
    this.isLoaded = true;
    this.#about(about);
    this.emit("shown", { keep });
  }

  /** @param {{ room: Room, members: Member[], reads: Record<string, number> }} about */
  #about({ room, members, reads }) {
    this.room = room;
    this.members = members;
    this.reads = reads;
    this.#showNames(new Map(members.map(({ id, name }) => [id, name])));
    this.emit("about");
  }

  /** People are called otherwise from now on. @param {Names} names */
  renamed(names) {
    this.members = this.members.map((one) => ({ ...one, name: names.get(one.id) ?? one.name }));
    this.#showNames(names);
    this.emit("about");
  }

  /** @param {Names} names */
  #showNames(names) {
    const changed = [];
    for (const message of this.stream.items.values()) {
      const shown = withNames(message, names);
      if (shown !== message) changed.push(shown);
    }
    for (const message of changed) this.stream.items.set(message.id, message);
    if (changed.length > 0) this.#changed(changed);
  }

  /**
   * Follow the room on this connection, from where we are.
   * @param {Request} request
   */
  async join(request) {
    const cursor = this.isLoaded ? { cursor: this.stream.cursor } : {};
    this.stream.asked();
    const answer = await request("room:join", { room: this.room.id, ...cursor });
    if (!this.isLoaded) return this.load(answer);
    this.#apply(answer);
    this.#about(answer);
  }

  /** Whether changes are known that are not here. */
  get isBehind() {
    return this.isLoaded && this.stream.isBehind;
  }

  /**
   * One step towards the head of the stream.
   * @param {Request} request
   * @returns {Promise<boolean>} whether it brought us further
   */
  async catchUp(request) {
    this.stream.asked();
    if (this.#pages >= PAGES_TO_CATCH_UP) {
      this.load(await request("room:join", { room: this.room.id }));
      return true;
    }
    const { cursor } = this.stream;
    const answer = await request("room:sync", { room: this.room.id, cursor });
    this.#apply(answer);
    return answer.reset || this.stream.cursor > cursor;
  }

  /** @param {SyncAnswer<Message>} answer */
  #apply(answer) {
    const { changed, reset } = this.stream.applySync(answer);
    this.#pages = this.stream.isBehind ? this.#pages + 1 : 0;
    if (reset) {
      this.hasOlder = answer.older ?? true;
      this.emit("shown", { keep: true });
    } else this.#changed(changed);
  }

  /** A live batch. @param {Batch<Message>} batch */
  receive(batch) {
    const wasAtEnd = this.visible >= this.#lastSeq();
    const { changed } = this.stream.apply(batch);
    if (wasAtEnd && this.stream.items.size > HELD + PAGE && this.stream.trim(HELD))
      this.hasOlder = true;
    this.#changed(changed);
  }

  /** @param {Message[]} changed */
  #changed(changed) {
    this.emit("changed", changed);
  }

  #lastSeq() {
    let last = 0;
    for (const { seq } of this.stream.items.values()) last = Math.max(last, seq);
    return last;
  }

  /** @param {number} seq the newest message before the reader's eyes */
  seen(seq) {
    this.visible = seq;
  }

  /**
   * The page of history that ends before `before`, from what is held or from the server.
   * @param {Request} request
   * @param {number} before a seq
   * @returns {Promise<{ items: Message[], more: boolean }>} rejects with a RequestError
   */
  async history(request, before) {
    const held = this.stream.ordered().filter(({ seq }) => seq < before);
    if (held.length > 0) {
      const items = held.slice(-PAGE);
      return { items, more: this.hasOlder || items.length < held.length };
    }
    return this.#fetchHistory(request, Math.max(before, this.stream.floor));
  }

  /** @param {Request} request @param {number} before */
  async #fetchHistory(request, before) {
    const { floor } = this.stream;
    const { id } = this.room;
    const { items, more } = await request("room:history", { room: id, before, limit: PAGE });
    // A reset meanwhile: the page continues nothing that is held now.
    if (this.stream.floor !== floor) return { items: [], more: this.hasOlder };
    this.hasOlder = more;
    return { items: this.stream.applyHistory(items, more), more };
  }

  /** @param {Record<string, number>} reads */
  readBy(reads) {
    for (const [user, seq] of Object.entries(reads)) {
      this.reads = { ...this.reads, [user]: Math.max(this.reads[user] ?? 0, seq) };
    }
    this.emit("reads");
  }

  /** @param {Pending[]} pending @returns {RoomView} */
  view(pending) {
    return {
      room: this.room,
      items: this.stream.ordered(),
      pending,
      more: this.hasOlder,
      last_read: this.last_read,
      members: this.members,
      reads: this.reads,
      loading: !this.isLoaded,
    };
  }
}
