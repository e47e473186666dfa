/**
 * Drafts by account and room: text, reply and edit of a message that was not sent. They survive a reload
 * and an ended session, and all tabs of the account share them.
 */
import { Emitter } from "../../core/emitter.js";

/** @import { Draft, StoredDraft, ToldDraft } from "../types.d.ts" */

/**
 * @typedef {object} Events
 * @property {[string]} changed another tab or device changed the draft of this room
 * @property {[string]} written the person changed it here
 */

const PREFIX = "parley.draft";

/** @type {Draft} */
export const EMPTY = { text: "" };

/** @param {Draft} draft */
export function isEmpty({ text, reply, edit }) {
  return !text && !reply && !edit;
}

/** @param {Draft} a @param {Draft} b */
export function isSame(a, b) {
  return isSameMessage(a, b) && a.edit?.id === b.edit?.id && a.edit?.text === b.edit?.text;
}

/** Whether they would send the same message. @param {Draft} a @param {Draft} b */
function isSameMessage(a, b) {
  return a.text === b.text && a.reply?.id === b.reply?.id;
}

/** @extends {Emitter<Events>} */
export class Drafts extends Emitter {
  /** Those that the storage had no room for; they live as long as the page. @type {Map<string, StoredDraft>} */
  #unstored = new Map();

  /**
   * @param {string} account a user id
   * @param {Storage} [storage]
   * @param {EventTarget} [page] hears of changes by other tabs
   */
  constructor(account, storage = localStorage, page = globalThis) {
    super();
    this.#prefix = `${PREFIX}.${account}.`;
    this.#storage = storage;
    page.addEventListener("storage", (event) => {
      const { key } = /** @type {StorageEvent} */ (event);
      if (key?.startsWith(this.#prefix)) this.emit("changed", key.slice(this.#prefix.length));
    });
  }

  #prefix;
  #storage;

  /** The ids of the rooms with a draft, or with one whose removal the server has not heard of. */
  rooms() {
    const keys = Array.from({ length: this.#storage.length }, (_, at) => this.#storage.key(at));
    const stored = keys.flatMap((key) =>
      key?.startsWith(this.#prefix) ? [key.slice(this.#prefix.length)] : [],
    );
    return [...new Set([...stored, ...this.#unstored.keys()])];
  }

  /** @param {string} room its id @returns {boolean} whether something is being written there */
  has(room) {
    return !isEmpty(this.get(room));
  }

  /** @param {string} room its id @returns {Draft} */
  get(room) {
    const { synced: _, isDirty: __, ...draft } = this.#stored(room);
    return draft;
  }

  /** The person writes. @param {string} room its id @param {Draft} draft */
  set(room, draft) {
    const before = this.#stored(room);
    if (isSame(before, draft)) return;
    const isNews = !isSameMessage(before, draft);
    const isDirty = before.isDirty || isNews;
    this.#store(room, { ...draft, synced: before.synced, isDirty });
    if (isNews) this.emit("written", room);
  }

  // The server's copies, for the person's other devices.

  /** Whether the server has not heard of the last change. @param {string} room */
  isDirty(room) {
    return this.#stored(room).isDirty === true;
  }

  /** When the version was set that the server and this device agreed on. @param {string} room */
  synced(room) {
    return this.#stored(room).synced;
  }

  /**
   * The server took this draft, or refused it for good where `at` is missing.
   * @param {string} room
   * @param {Draft} sent
   * @param {string | undefined} at
   * @returns {boolean} whether nothing was changed meanwhile
   */
  agreed(room, sent, at) {
    const stored = this.#stored(room);
    const isDone = isSameMessage(stored, sent);
    const isGone = isDone && !sent.text;
    this.#store(room, { ...stored, synced: isGone ? undefined : at, isDirty: !isDone });
    return isDone;
  }

  /** The server tells of a draft of another device; what is being written here counts more. @param {ToldDraft} told */
  take({ room, text, reply_to, at }) {
    const { isDirty, synced, reply, edit } = this.#stored(room);
    if (isDirty || (text && synced === at)) return;
    /** @type {StoredDraft} */
    const draft = { text };
    if (reply_to) draft.reply = reply?.id === reply_to ? reply : { id: reply_to };
    if (edit) draft.edit = edit;
    if (text) draft.synced = at;
    this.#store(room, draft);
    this.emit("changed", room);
  }

  /** @param {string} room @returns {StoredDraft} */
  #stored(room) {
    return this.#unstored.get(room) ?? parsed(this.#storage.getItem(this.#prefix + room));
  }

  /** @param {string} room @param {StoredDraft} draft */
  #store(room, draft) {
    const key = this.#prefix + room;
    this.#unstored.delete(room);
    if (isEmpty(draft) && !draft.synced) return this.#storage.removeItem(key);
    try {
      this.#storage.setItem(key, JSON.stringify(draft));
    } catch {
      this.#unstored.set(room, draft);
    }
  }
}

/** @param {string | null} stored the text alone, from an earlier version of Parley, or a draft as JSON @returns {StoredDraft} */
function parsed(stored) {
  if (!stored) return EMPTY;
  try {
    const draft = JSON.parse(stored);
    if (typeof draft?.text === "string") return draft;
  } catch {
    // It is a text.
  }
  return { text: stored, isDirty: true };
}
