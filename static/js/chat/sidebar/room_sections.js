/**
 * The sections of the sidebar: which room stands in which, and in what order. A change of one room costs
 * two binary searches, however many rooms there are. No DOM.
 */
import { compare } from "../../core/i18n.js";

/** @import { Room } from "../types.d.ts" */

/** @typedef {"favourites" | "unread" | "rooms" | "direct"} SectionName */
/** @typedef {"name" | "activity" | "own"} RoomOrder */

/**
 * @typedef {object} Arrangement How one person has arranged the list.
 * @property {ReadonlySet<string>} favourites ids
 * @property {ReadonlySet<string>} muted ids
 * @property {ReadonlyMap<string, number>} places by id, for the person's own order
 * @property {RoomOrder} order
 */

/** @typedef {{ section: SectionName | null, before: string | null, moved: boolean }} Placed `before`: the id of the next room */

/** @type {SectionName[]} */
export const SECTIONS = ["favourites", "unread", "rooms", "direct"];

/** @type {Arrangement} */
const PLAIN = { favourites: new Set(), muted: new Set(), places: new Map(), order: "name" };

/** @param {Room} room */
export function titleOf(room) {
  return room.kind === "direct" ? (room.with?.name ?? room.name) : room.name;
}

export class RoomSections {
  arrangement = PLAIN;
  /** The open room. @type {string | null} */
  current = null;
  /** The open room where it had something unread: it stays there until another is opened. @type {string | null} */
  #held = null;
  /** The open room where the person marked messages as unread: it is shown as unread although it is open. @type {string | null} */
  #marked = null;
  /** @type {Record<SectionName, Room[]>} */
  #rooms = { favourites: [], unread: [], rooms: [], direct: [] };
  /** Where each room stands, as it was then. @type {Map<string, { room: Room, section: SectionName }>} */
  #placed = new Map();

  /** @param {Room[]} rooms all of them @param {Arrangement} [arrangement] */
  reset(rooms, arrangement = this.arrangement) {
    this.arrangement = arrangement;
    this.#rooms = { favourites: [], unread: [], rooms: [], direct: [] };
    this.#placed.clear();
    for (const room of rooms) {
      const section = this.#sectionOf(room);
      if (!section) continue;
      this.#rooms[section].push(room);
      this.#placed.set(room.id, { room, section });
    }
    for (const section of SECTIONS) this.#rooms[section].sort(this.#compare);
  }

  /** @param {SectionName} section */
  list(section) {
    return this.#rooms[section];
  }

  /** All rooms in the order in which they are shown. */
  all() {
    return SECTIONS.flatMap((section) => this.#rooms[section]);
  }

  /** @param {string} id */
  sectionOf(id) {
    return this.#placed.get(id)?.section ?? null;
  }

  /** Whether a room is shown as unread. @param {Room} room */
  isUnread(room) {
    const isLookedAt = room.id === this.current && room.id !== this.#marked;
    return room.unread > 0 && !isLookedAt && !this.isMuted(room.id);
  }

  /** @param {string} id */
  isMuted(id) {
    return this.arrangement.muted.has(id);
  }

  /** Another room is open. @param {Room | null} room @returns {string[]} ids of those that may have another place now */
  open(room) {
    const before = this.current;
    this.current = room?.id ?? null;
    this.#marked = null;
    this.#held = room && this.#placed.get(room.id)?.section === "unread" ? room.id : null;
    return [before, this.current].filter((id) => id !== null);
  }

  /** Messages of a room were marked as unread; `put` follows. @param {string} id */
  markUnread(id) {
    if (id === this.current) this.#marked = id;
  }

  /** A room is new or has changed. @param {Room} room @returns {Placed} */
  put(room) {
    const placed = this.#placed.get(room.id);
    const section = this.#sectionOf(room);
    if (placed && placed.section === section && this.#compare(placed.room, room) === 0) {
      const rooms = this.#rooms[section];
      const at = this.#indexOf(placed.room, section);
      rooms[at] = room;
      this.#placed.set(room.id, { room, section });
      return { section, before: rooms[at + 1]?.id ?? null, moved: false };
    }
    this.remove(room.id);
    if (!section) return { section, before: null, moved: placed !== undefined };
    const rooms = this.#rooms[section];
    const at = this.#placeFor(room, rooms);
    rooms.splice(at, 0, room);
    this.#placed.set(room.id, { room, section });
    return { section, before: rooms[at + 1]?.id ?? null, moved: true };
  }

  /** @param {string} id */
  remove(id) {
    const placed = this.#placed.get(id);
    if (!placed) return;
    this.#placed.delete(id);
    this.#rooms[placed.section].splice(this.#indexOf(placed.room, placed.section), 1);
  }

  /**
   * The ids of all rooms in the person's own order, after one was put before another. Rooms that stand
   * elsewhere for now, as those with something unread, keep their places.
   * @param {string} id @param {string | null} before null: at the end of the section
   * @param {SectionName} section
   */
  orderWith(id, before, section) {
    const others = this.all()
      .sort(this.#compare)
      .flatMap((room) => (room.id === id ? [] : [room.id]));
    const last = this.#rooms[section].findLast((room) => room.id !== id);
    const at = before ? others.indexOf(before) : last ? others.indexOf(last.id) + 1 : -1;
    return others.toSpliced(at < 0 ? others.length : at, 0, id);
  }

  /** @param {Room} room @returns {SectionName | null} */
  #sectionOf(room) {
    if (room.archived && room.id !== this.current) return null;
    if (this.arrangement.favourites.has(room.id)) return "favourites";
    if (room.id === this.#held || this.isUnread(room)) return "unread";
    return room.kind === "direct" ? "direct" : "rooms";
  }

  /** @param {Room} a @param {Room} b */
  #compare = (a, b) => {
    const { order, places } = this.arrangement;
    let first = 0;
    if (order === "activity") first = time(b) - time(a);
    else if (order === "own") first = place(places, a) - place(places, b);
    return first || compare(titleOf(a), titleOf(b)) || (a.id < b.id ? -1 : Number(a.id > b.id));
  };

  /** @param {Room} room @param {Room[]} rooms */
  #placeFor(room, rooms) {
    let low = 0;
    let high = rooms.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#compare(/** @type {Room} */ (rooms[middle]), room) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** @param {Room} room as it stands there @param {SectionName} section */
  #indexOf(room, section) {
    const rooms = this.#rooms[section];
    const at = this.#placeFor(room, rooms);
    return rooms[at]?.id === room.id ? at : rooms.findIndex(({ id }) => id === room.id);
  }
}

/** @param {Room} room */
function time(room) {
  return Date.parse(room.active_at ?? "") || 0;
}

/** @param {ReadonlyMap<string, number>} places @param {Room} room */
function place(places, room) {
  return places.get(room.id) ?? places.size;
}
