/** People and rooms to choose from: those of this page at once, all others from the server. */
import { t } from "../../core/i18n.js";
import { INSIDE, matchScore, SCATTERED } from "../../core/name_match.js";
import { dot } from "../../core/ui/avatar.js";
import { icon } from "../../core/ui/dom.js";

/** @import { Choice } from "../../core/ui/search_list.js" */
/** @import { ChatState } from "../chat_state.js" */
/** @import { FoundPerson, FoundRoom, Room } from "../types.d.ts" */

/** @typedef {Choice & { names: string[], weight: number, score?: number }} Candidate */

/** The weight of a choice besides its match: people of the open room come before others. */
const MEMBER = 3;
const RECENT = 2;
const PAGE = 20;

export class Directory {
  /** @param {ChatState} chat */
  constructor(chat) {
    this.#chat = chat;
  }

  #chat;

  /**
   * All people by any part of their names, without me.
   * @param {string} query @param {string} [room] an id: `member` says who is in it
   * @returns {Promise<FoundPerson[]>} rejects with a RequestError
   */
  async people(query, room) {
    const asked = room ? { query, room, limit: PAGE } : { query, limit: PAGE };
    const { items } = await this.#chat.request("people:find", asked);
    return items.filter(({ id }) => id !== this.#chat.me.id);
  }

  /**
   * A page of open rooms, joined or not.
   * @param {{ query: string, archived?: boolean, offset?: number }} asked
   * @returns {Promise<{ items: FoundRoom[], more: boolean }>} rejects with a RequestError
   */
  rooms(asked) {
    return this.#chat.request("rooms:find", { limit: PAGE, ...asked });
  }

  /** The people of the open room and of my direct conversations, without me. @returns {FoundPerson[]} */
  nearby() {
    const { me, openRooms, rooms } = this.#chat;
    /** @type {Map<string, FoundPerson>} */
    const people = new Map();
    const room = openRooms.current?.room;
    for (const member of room?.member === false ? [] : (openRooms.current?.members ?? []))
      people.set(member.id, { ...member, member: true });
    for (const each of rooms.list())
      if (each.with && !people.has(each.with.id))
        people.set(each.with.id, { username: "", ...each.with });
    people.delete(me.id);
    return [...people.values()];
  }

  /** Whether this person is in the open room, or writes with me. @param {string} id */
  nearness(id) {
    const { openRooms, rooms } = this.#chat;
    if (openRooms.current?.members.some((member) => member.id === id)) return MEMBER;
    return rooms.directWith(id) ? RECENT : 0;
  }

  /** @param {FoundPerson} person @param {() => void} go @returns {Candidate} */
  personChoice(person, go) {
    const state = this.#chat.rooms.presence.get(person.id) ?? person.state;
    return {
      id: person.id,
      title: person.name,
      note: `@${person.username}`,
      ...(person.bot ? { badge: t("bot") } : {}),
      mark: dot(state),
      names: [person.name, person.username],
      weight: this.nearness(person.id),
      go,
    };
  }

  /** @param {Room | FoundRoom} room @param {() => void} go @returns {Candidate} */
  roomChoice(room, go) {
    const other = "with" in room ? room.with : undefined;
    return {
      id: room.id,
      title: other?.name || room.name,
      // As in the list of rooms.
      mark: other ? dot(this.#chat.rooms.presence.get(other.id)) : roomMark(room),
      names: [room.name],
      weight: 0,
      go,
    };
  }
}

/** @param {Pick<Room, "kind" | "archived">} room */
export function roomMark({ kind, archived }) {
  if (kind === "direct") return icon("people");
  return icon(archived ? "archive" : kind === "private" ? "lock" : "hash");
}

/**
 * The candidates that match, the best first and each once: by how well they match, then by weight.
 * Those that the server found match in some way.
 * @param {Candidate[]} candidates @param {string} letters @param {ReadonlySet<string>} [found] ids
 */
export function ranked(candidates, letters, found = new Set()) {
  /** @type {Map<string, { candidate: Candidate, score: number }>} */
  const kept = new Map();
  for (const candidate of candidates) {
    if (kept.has(candidate.id)) continue;
    const score = letters ? scoreOf(candidate, letters, found) : INSIDE;
    if (score > 0) kept.set(candidate.id, { candidate, score });
  }
  return [...kept.values()]
    .sort((a, b) => b.score - a.score || b.candidate.weight - a.candidate.weight)
    .map(({ candidate }) => candidate);
}

/** @param {Candidate} candidate @param {string} letters @param {ReadonlySet<string>} found */
function scoreOf({ id, names }, letters, found) {
  const score = Math.max(...names.map((name) => matchScore(name, letters)));
  // A match across name and username, such as "ben kray", is known to the server alone.
  return found.has(id) ? Math.max(score, INSIDE) : score > SCATTERED ? score : score / 2;
}
