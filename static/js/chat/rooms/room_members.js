/**
 * The members of an open room. Of a room with very many only some are held: the first of those who are
 * there; others are asked for when somebody looks for them. No I/O.
 */
import { membersAfter } from "./room_changes.js";

/** @import { Member, Message, PresenceState } from "../types.d.ts" */
/** @import { Names } from "../members/current_names.js" */

/** The server tells at most so many with a room, and lets a page watch the presence of so many. */
export const HELD = 200;

/**
 * @typedef {object} About what the server tells with a room
 * @property {Member[]} [members] absent where those of `members_rev` are held
 * @property {number} [member_count]
 * @property {number} [members_rev]
 * @property {number} [online] of a large room
 */

export class RoomMembers {
  /** @type {Member[]} */
  list = [];
  /** How many the room has. */
  count = 0;
  /** @type {number | undefined} */
  rev;
  /** How many of a large room are there; undefined in a small one. @type {number | undefined} */
  online;
  /** The names of people who are not in the list. @type {Names} */
  #names = new Map();

  /** For a join, so that the server need not tell the members again. */
  get held() {
    return this.rev === undefined ? {} : { members_rev: this.rev };
  }

  /** Whether the room has more than are held. */
  get isPart() {
    return this.count > this.list.length;
  }

  /** Whether the room is one in which the server tells less of each. */
  get isLarge() {
    return this.online !== undefined;
  }

  /** @param {About} about @returns {Member[]} those whose presence it tells */
  take({ members, member_count, members_rev, online }) {
    if (members) this.list = members;
    this.count = member_count ?? this.list.length;
    this.rev = members_rev;
    this.online = online;
    return members || !this.isLarge ? this.list : [];
  }

  /** @param {Message[]} news in seq order @returns {Member[] | null} those who came; null where nobody came or went */
  follow(news) {
    const wasPart = this.isPart;
    const before = this.list;
    const { members, came, gone } = membersAfter(before, news);
    if (members === before && gone === 0) return null;
    // Somebody may go whom only the server knows.
    this.count = wasPart ? this.count + came.length - gone : members.length;
    this.list = members.length > Math.max(HELD, before.length) ? before : members;
    return came;
  }

  /** People as they are now: those who were asked for, or are watched. @param {{ id: string, name: string, state?: PresenceState }[]} people */
  learn(people) {
    const known = new Map(people.map((each) => [each.id, each]));
    this.list = this.list.map((one) => ({ ...one, ...pick(known.get(one.id)) }));
    for (const { id, name } of people) this.#names.set(id, name);
  }

  /** Names that come with an event. @param {Record<string, string>} [names] by id */
  named(names = {}) {
    for (const [id, name] of Object.entries(names)) this.#names.set(id, name);
  }

  /** @param {number} [online] of a large room */
  counted(online) {
    this.online = online ?? this.online;
  }

  /** @param {Names} names */
  renamed(names) {
    this.list = this.list.map((one) => ({ ...one, name: names.get(one.id) ?? one.name }));
    for (const [id, name] of names) if (this.#names.has(id)) this.#names.set(id, name);
  }

  /** @param {string} id @returns {string | undefined} */
  nameOf(id) {
    return this.list.find((each) => each.id === id)?.name ?? this.#names.get(id);
  }
}

/** @param {{ name: string, state?: PresenceState } | undefined} person */
function pick(person) {
  if (!person) return {};
  return person.state ? { name: person.name, state: person.state } : { name: person.name };
}
