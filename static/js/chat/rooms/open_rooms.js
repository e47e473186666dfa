/**
 * The open room and the rooms that were open before. Joins the open room on every new connection,
 * leaves the one before, and closes gaps; a room that is opened again only catches up.
 */

import { Emitter } from "../../core/emitter.js";
import { RequestError } from "../../core/errors.js";
import { t } from "../../core/i18n.js";
import { OpenRoom } from "./open_room.js";

/** @import { ChatEvents, ChatRequests, Message, Room } from "../types.d.ts" */
/** @import { Batch } from "../../core/types.d.ts" */
/** @import { Channel } from "../../core/channel.js" */
/** @import { Clock } from "../../core/clock.js" */

/** @typedef {Channel<ChatRequests, ChatEvents>["request"]} Request */

/**
 * @typedef {object} Events
 * @property {[OpenRoom | null]} opened
 * @property {[OpenRoom, RequestError]} gone the person may not read the open room any more
 * @property {[string]} forgotten nor this one, open or not, by id
 */

/** So many rooms that were open stay in memory, each with its newest messages. */
const AT_HAND = 100;
/** So many of them keep the older messages too that were fetched. */
const WHOLE = 8;
const RETRY_AFTER_S = 2;
const GONE = new Set(["not_found", "forbidden"]);

/** @extends {Emitter<Events>} */
export class OpenRooms extends Emitter {
  /** @type {OpenRoom | null} */
  current = null;
  /** Least recently opened first. @type {Map<string, OpenRoom>} */
  #rooms = new Map();
  /** The room that this connection has joined. @type {OpenRoom | null} */
  #joined = null;
  /** Counts connections: an answer on an earlier one says nothing of this one. */
  #connection = 0;
  #isOnline = false;
  #isGoing = false;
  /** @type {(() => void) | null} */
  #stopWaiting = null;

  /** @param {{ request: Request, clock: Clock, me?: string }} parts `me`: my id */
  constructor({ request, clock, me = "" }) {
    super();
    this.#me = me;
    this.#request = request;
    this.#clock = clock;
  }

  #request;
  #clock;
  #me;

  /**
   * Go to a room.
   * @param {Room} room
   * @returns {OpenRoom} its messages may still be on their way
   */
  open(room) {
    const visited = this.#rooms.get(room.id) ?? new OpenRoom(room);
    visited.room = { ...visited.room, ...room };
    visited.last_read = Math.max(visited.last_read, room.last_read);
    this.#rooms.delete(room.id);
    this.#rooms.set(room.id, visited);
    this.#bound();
    this.enter(visited);
    return visited;
  }

  #bound() {
    const rooms = [...this.#rooms.values()];
    rooms.at(-1 - WHOLE)?.shrink();
    if (rooms[0] && rooms.length > AT_HAND) this.#rooms.delete(rooms[0].room.id);
  }

  /** @param {OpenRoom | null} room null: none */
  enter(room) {
    this.current = room;
    this.emit("opened", room);
    this.#hurry();
  }

  /** My membership is over: drop what is held of the room. @param {string} id @param {RequestError} [why] */
  forget(id, why = new RequestError("not_found", t("You are no longer in this room."))) {
    const room = this.#rooms.get(id);
    if (!room) return;
    this.#rooms.delete(id);
    if (this.#joined === room) this.#joined = null;
    const isOpen = this.current === room;
    if (isOpen) this.enter(null);
    this.emit("forgotten", id);
    if (isOpen) this.emit("gone", room, why);
  }

  /** Whether the server has joined this room and nothing of it is missing. @param {OpenRoom} room */
  isLive(room) {
    return this.#joined === room && !room.isBehind;
  }

  /** @param {string} id @returns {OpenRoom | undefined} */
  at(id) {
    return this.#rooms.get(id);
  }

  /** @param {Batch<Message> & { room: string }} batch */
  receive(batch) {
    this.#rooms.get(batch.room)?.receive(batch, this.#me);
    this.#go();
  }

  /** @param {boolean} isOnline */
  online(isOnline) {
    this.#isOnline = isOnline;
    this.#connection += 1;
    this.#joined = null;
    this.#hurry();
  }

  #hurry() {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    this.#go();
  }

  /** Take steps until the server has joined the open room and nothing is missing. */
  async #go() {
    if (this.#isGoing) return;
    this.#isGoing = true;
    try {
      for (let step = this.#step(); step; step = this.#step()) await this.#take(step);
    } finally {
      this.#isGoing = false;
    }
  }

  /** @returns {(() => Promise<void>) | null} what is to be done next */
  #step() {
    const { current } = this;
    if (!this.#isOnline || this.#stopWaiting) return null;
    const left = this.#joined;
    if (left && left !== current) return () => this.#leave(left);
    if (!current || current.room.member === false) return null;
    if (left !== current) return () => this.#join(current);
    return current.isBehind ? () => this.#catchUp(current) : null;
  }

  /** @param {() => Promise<void>} step */
  async #take(step) {
    const { current } = this;
    try {
      await step();
    } catch (error) {
      this.#failed(current, error instanceof RequestError ? error : RequestError.timeout());
    }
  }

  /** @param {OpenRoom | null} room @param {RequestError} error */
  #failed(room, error) {
    if (room && GONE.has(error.code)) this.forget(room.room.id, error);
    else this.#wait(error.retry_after ?? RETRY_AFTER_S);
  }

  /** @param {number} seconds */
  #wait(seconds) {
    this.#stopWaiting ??= this.#clock.after(seconds * 1000, () => {
      this.#stopWaiting = null;
      this.#go();
    });
  }

  /** @param {OpenRoom} room */
  async #leave(room) {
    this.#joined = null;
    await this.#request("room:leave", { room: room.room.id }).catch((error) => {
      // After a final refusal the room is left anyway; after a lost answer that is unknown: try again.
      if (!(error instanceof RequestError) || !error.isFinal) throw error;
    });
  }

  /** @param {OpenRoom} room */
  async #join(room) {
    const connection = this.#connection;
    await room.join(this.#request);
    if (connection === this.#connection) this.#joined = room;
  }

  /** @param {OpenRoom} room */
  async #catchUp(room) {
    if (!(await room.catchUp(this.#request)) && room.isBehind) this.#wait(RETRY_AFTER_S);
  }
}
