/**
 * Copies of the rooms that were open last, in IndexedDB: the newest messages of each, and the list of
 * rooms. Bounded in rooms, messages, bytes and days; for one person only. Every method works without a
 * database too, and then keeps nothing.
 */
import { COPIES, forgetCopies } from "../../core/offline_copies.js";

/** @import { Me, Member, Message, Room } from "../types.d.ts" */

/**
 * @typedef {object} RoomCopy As `room:join` answers.
 * @property {Room} room
 * @property {number} rev
 * @property {Message[]} items
 * @property {boolean} older
 * @property {Member[]} members
 * @property {number} [member_count]
 * @property {Record<string, number>} reads
 * @property {number} last_read
 */

/** @typedef {{ me: Me, rooms: Room[], preferences: object, at: number }} PersonCopy */

export const ROOMS = 20;
export const MESSAGES = 50;
export const BYTES = 300_000;
export const MEMBERS = 300;
const DAYS_MS = 7 * 24 * 60 * 60 * 1000;
const PERSON = "person";
const ROOM = "rooms";

/** The newest of a room that are to be kept. No I/O. @param {RoomCopy} whole @returns {RoomCopy} */
export function bounded(whole) {
  const items = whole.items.slice(-MESSAGES);
  const sizes = items.map((item) => JSON.stringify(item).length);
  let size = sizes.reduce((sum, each) => sum + each, 0);
  while (size > BYTES && items.length > 0) {
    items.shift();
    size -= sizes.shift() ?? 0;
  }
  const isWhole = items.length === whole.items.length;
  const authors = new Set(items.map(({ by }) => by?.id));
  const members = whole.members
    .toSorted((a, b) => Number(authors.has(b.id)) - Number(authors.has(a.id)))
    .slice(0, MEMBERS);
  return { ...whole, items, members, older: whole.older || !isWhole };
}

export class RoomCopies {
  /** @type {Promise<IDBDatabase | null> | null} */
  #opening = null;
  #isOver = false;

  /** @param {() => number} [now] */
  constructor(now = Date.now) {
    this.#now = now;
  }

  #now;

  /** The person whose copies these are; null where there is none, or they are too old. @returns {Promise<PersonCopy | null>} */
  async person() {
    const person = await this.#read(PERSON, PERSON);
    if (!person || this.#now() - person.at > DAYS_MS) return null;
    return person;
  }

  /**
   * Keep who this is and their rooms; copies of others, and of rooms that they are no longer in, go.
   * @param {Omit<PersonCopy, "at">} person
   */
  async keepPerson(person) {
    const before = await this.#read(PERSON, PERSON);
    if (before && (before.me.id !== person.me.id || this.#now() - before.at > DAYS_MS))
      await this.#clear();
    await this.#write(PERSON, (store) => store.put({ ...person, at: this.#now() }, PERSON));
    const mine = new Set(person.rooms.map(({ id }) => id));
    const kept = await this.#keys();
    for (const id of kept) if (!mine.has(id)) await this.forget(id);
  }

  /** @param {string} id @param {string} account whose copy it has to be @returns {Promise<RoomCopy | null>} */
  async room(id, account) {
    if ((await this.person())?.me.id !== account) return null;
    return (await this.#read(ROOM, id))?.copy ?? null;
  }

  /** @param {RoomCopy | null} whole null: nothing */
  async keep(whole) {
    if (!whole) return;
    const copy = bounded(whole);
    await this.#write(ROOM, (store) => store.put({ copy, at: this.#now() }, copy.room.id));
    const kept = await this.#entries();
    const old = kept.sort((a, b) => b.at - a.at).slice(ROOMS);
    for (const { copy: each } of old) await this.forget(each.room.id);
  }

  /** The rooms that are kept, the latest first. @returns {Promise<string[]>} their ids */
  async latest() {
    const kept = await this.#entries();
    return kept.sort((a, b) => b.at - a.at).map(({ copy }) => copy.room.id);
  }

  /** @param {string} id of a room */
  async forget(id) {
    await this.#write(ROOM, (store) => store.delete(id));
  }

  /** Delete everything, and keep nothing from now on. */
  async end() {
    this.#isOver = true;
    (await this.#opening)?.close();
    await forgetCopies();
  }

  async #clear() {
    await this.#write(PERSON, (store) => store.clear());
    await this.#write(ROOM, (store) => store.clear());
  }

  #database() {
    this.#opening ??= openDatabase().catch(() => null);
    return this.#opening;
  }

  /** @param {string} name @param {string} key @returns {Promise<any>} */
  async #read(name, key) {
    const store = await this.#store(name);
    return store && outcome(store.get(key)).catch(() => null);
  }

  /** @returns {Promise<string[]>} */
  async #keys() {
    const store = await this.#store(ROOM);
    return store
      ? outcome(store.getAllKeys()).then(
          (keys) => keys.map(String),
          () => [],
        )
      : [];
  }

  /** @returns {Promise<{ copy: RoomCopy, at: number }[]>} */
  async #entries() {
    const store = await this.#store(ROOM);
    return store ? outcome(store.getAll()).catch(() => []) : [];
  }

  /** @param {string} name @param {(store: IDBObjectStore) => IDBRequest} change */
  async #write(name, change) {
    const store = this.#isOver ? null : await this.#store(name, "readwrite");
    // A copy that can't be kept is missing without a network: nothing worse.
    if (store) await outcome(change(store)).catch(() => {});
  }

  /** @param {string} name @param {IDBTransactionMode} [mode] */
  async #store(name, mode = "readonly") {
    const database = await this.#database();
    try {
      return database?.transaction(name, mode).objectStore(name) ?? null;
    } catch {
      // Another tab has deleted it.
      return null;
    }
  }
}

/** @returns {Promise<IDBDatabase>} */
async function openDatabase() {
  const request = indexedDB.open(COPIES, 1);
  request.onupgradeneeded = () => {
    request.result.createObjectStore(PERSON);
    request.result.createObjectStore(ROOM);
  };
  const database = await outcome(request);
  // Deleting must not wait for this tab.
  database.onversionchange = () => database.close();
  return database;
}

/**
 * @template T
 * @param {IDBRequest<T>} request
 * @returns {Promise<T>}
 */
function outcome(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}
