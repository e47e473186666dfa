/** The list of my rooms, and the presence and typing of people in them. No I/O. */
import { compare } from "../../core/i18n.js";

/** @import { Names } from "../members/current_names.js" */
/** @import { Message, Presence, PresenceState, Room } from "../types.d.ts" */

export class RoomList {
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  /** Everyone whose state is known. @type {Presence} */
  presence = new Map();
  /** Ids of the people typing, by room. @type {Map<string, string[]>} */
  #typing = new Map();

  /** @param {() => number} [now] */
  constructor(now = Date.now) {
    this.#now = now;
  }

  #now;

  /** @returns {Room[]} by name */
  list() {
    return [...this.#rooms.values()].sort((a, b) => compare(a.name, b.name));
  }

  /** @returns {Room[]} in no order */
  all() {
    return [...this.#rooms.values()];
  }

  /** @param {string} reference an id or a slug */
  find(reference) {
    const byId = this.#rooms.get(reference);
    return byId ?? [...this.#rooms.values()].find((room) => room.slug === reference);
  }

  /** My conversation with this person. @param {string} user */
  directWith(user) {
    for (const room of this.#rooms.values()) if (room.with?.id === user) return room;
    return undefined;
  }

  /** All of them anew, as after a connection. @param {Room[]} rooms */
  reset(rooms) {
    this.#rooms.clear();
    this.lost();
    for (const room of rooms) this.put(room);
  }

  /** A room is new or has changed. @param {Room} room */
  put(room) {
    const held = this.#rooms.get(room.id);
    // Two answers may overtake each other; how far I read only grows.
    const last_read = Math.max(held?.last_read ?? 0, room.last_read ?? 0);
    this.#rooms.set(room.id, { ...held, ...room, last_read });
    if (room.with?.state) this.presence.set(room.with.id, room.with.state);
  }

  /** @param {string} id */
  remove(id) {
    this.#rooms.delete(id);
    this.#typing.delete(id);
  }

  /** @param {{ room: string, rev?: number, unread: number, mentions: number }} activity */
  activity({ room, ...counts }) {
    const held = this.#rooms.get(room);
    if (!held) return;
    // The event has no time: it comes at once.
    const isNews = counts.unread > held.unread;
    const active_at = isNews ? new Date(this.#now()).toISOString() : held.active_at;
    this.#rooms.set(room, { ...held, ...counts, ...(active_at ? { active_at } : {}) });
  }

  /** The newest message of a room was written then. @param {string} room @param {string} at @returns {boolean} whether that is news */
  active(room, at) {
    const held = this.#rooms.get(room);
    if (!held || (held.active_at ?? "") >= at) return false;
    this.#rooms.set(room, { ...held, active_at: at });
    return true;
  }

  /** How far I have read, here or elsewhere. @param {string} room @param {number} seq */
  read(room, seq) {
    const held = this.#rooms.get(room);
    if (held) this.#rooms.set(room, { ...held, last_read: Math.max(held.last_read, seq) });
  }

  /** I have read less than I did: I marked messages as unread. @param {string} room @param {number} seq */
  unreadFrom(room, seq) {
    const held = this.#rooms.get(room);
    if (held) this.#rooms.set(room, { ...held, last_read: seq });
  }

  /** @param {{ id: string, state: PresenceState }[]} people */
  appeared(people) {
    for (const { id, state } of people) this.presence.set(id, state);
  }

  /** A direct conversation is called by the other person's name. @param {Names} names */
  renamed(names) {
    for (const room of this.#rooms.values()) {
      const name = room.with && names.get(room.with.id);
      if (room.with && name) this.put({ ...room, name, with: { ...room.with, name } });
    }
  }

  /** @param {string} room @param {string[]} users everyone who types there now */
  typed(room, users) {
    this.#typing.set(room, users);
  }

  /** The connection is lost: forget who was typing. */
  lost() {
    this.#typing.clear();
  }

  /** @param {string} room @returns {string[]} */
  typing(room) {
    return this.#typing.get(room) ?? [];
  }
}

/**
 * Count the unread messages and mentions among these; complete if they hold everything since `last_read`.
 * @param {Iterable<Message>} messages
 * @param {number} last_read
 * @param {string} me
 */
export function countUnread(messages, last_read, me) {
  let unread = 0;
  let mentions = 0;
  for (const message of messages) {
    if (message.seq <= last_read || message.deleted || message.system) continue;
    if (message.by.id === me) continue;
    unread += 1;
    if (message.mentions.includes(me) || message.mention_groups?.length) mentions += 1;
  }
  return { unread, mentions };
}
