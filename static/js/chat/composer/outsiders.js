/**
 * People whom the person mentioned in a room that they are not in: they hear nothing of it, so that the
 * author is asked whether to invite them. Only the author's page knows. No DOM.
 */
import { Emitter } from "../../core/emitter.js";
import { mentionedNames, writtenNames } from "./mentions.js";

/** @import { FoundPerson, Member, Room } from "../types.d.ts" */

/** @typedef {(letters: string) => Promise<FoundPerson[]>} Find people of the server by a part of their name, best first */

/** @typedef {{ changed: [string] }} Events the id of the room */

const GROUPS = new Set(["everyone", "here"]);
/** A message that names more people than this is a list. */
const LOOKED_UP = 5;

/** @extends {Emitter<Events>} */
export class Outsiders extends Emitter {
  /** By room id, those who may be invited. @type {Map<string, FoundPerson[]>} */
  #rooms = new Map();

  /** @param {string} room @returns {FoundPerson[]} */
  in(room) {
    return this.#rooms.get(room) ?? [];
  }

  /**
   * A message with this text went out.
   * @param {Room} room
   * @param {string} text
   * @param {Member[]} members
   * @param {Find} find
   */
  async sent(room, text, members, find) {
    if (room.kind === "direct" || room.archived || !text.includes("@")) return;
    const names = strangers(text, members);
    for (const name of names.slice(0, LOOKED_UP)) {
      const found = await find(name);
      this.#add(room.id, found.find(isNamedIn(text)));
    }
  }

  /** @param {string} room @param {FoundPerson | undefined} person */
  #add(room, person) {
    // Absent where it is not known.
    if (person?.member !== false || this.in(room).some(({ id }) => id === person.id)) return;
    this.#rooms.set(room, [...this.in(room), person]);
    this.emit("changed", room);
  }

  /** They were invited, came by themselves, or are to stay outside. @param {string} room @param {Iterable<string>} ids */
  drop(room, ids) {
    const gone = new Set(ids);
    const left = this.in(room).filter(({ id }) => !gone.has(id));
    if (left.length === this.in(room).length) return;
    this.#rooms.set(room, left);
    this.emit("changed", room);
  }
}

/** The names in a text that no member has, each once. @param {string} text @param {Member[]} members */
function strangers(text, members) {
  const known = new Set(members.map(({ username }) => username));
  return writtenNames(text).filter((name) => !known.has(name) && !GROUPS.has(name));
}

/** @param {string} text @returns {(person: FoundPerson) => boolean} */
function isNamedIn(text) {
  return ({ username }) => mentionedNames(text, new Set([username])).size > 0;
}
