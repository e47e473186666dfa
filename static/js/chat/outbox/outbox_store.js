/**
 * Stores the outbox's entries in IndexedDB, in one database for all accounts of this browser,
 * each read by its account only; memory where the browser gives none.
 */

/** @import { OutboxEntry, OutboxStore } from "./types.d.ts" */

const NAME = "parley";
const ENTRIES = "outbox";

/**
 * Ready at once; its methods wait for the browser.
 * @returns {OutboxStore}
 */
export function openOutboxStore() {
  const opening = openDatabase().then(
    (database) => new Keeping(database),
    // Forbidden storage (some private windows): messages live as long as the tab.
    () => new MemoryStore(),
  );
  return {
    add: async (entry) => (await opening).add(entry),
    put: async (entry) => (await opening).put(entry),
    remove: async (n) => (await opening).remove(n),
    all: async (account) => (await opening).all(account),
  };
}

/** @returns {Promise<IDBDatabase>} */
async function openDatabase() {
  const request = indexedDB.open(NAME, 1);
  request.onupgradeneeded = () => {
    const entries = request.result.createObjectStore(ENTRIES, {
      keyPath: "n",
      autoIncrement: true,
    });
    entries.createIndex("account", "account");
  };
  return outcome(request);
}

/** @implements {OutboxStore} */
class Keeping {
  /** @param {IDBDatabase} database */
  constructor(database) {
    this.#database = database;
    // A later version of the page must not wait for this tab.
    database.onversionchange = () => database.close();
  }

  #database;

  /** @param {Omit<OutboxEntry, "n">} entry */
  async add(entry) {
    return Number(await this.#write((entries) => entries.add(entry)));
  }

  /** Brings an entry up to date; one that is gone stays gone. @param {OutboxEntry} entry */
  async put(entry) {
    await this.#write((entries) => {
      const held = entries.get(entry.n);
      held.onsuccess = () => {
        if (held.result) entries.put(entry);
      };
      return held;
    });
  }

  /** @param {number} n */
  async remove(n) {
    await this.#write((entries) => entries.delete(n));
  }

  /** @param {string} account @returns {Promise<OutboxEntry[]>} */
  all(account) {
    const entries = this.#database.transaction(ENTRIES).objectStore(ENTRIES);
    return outcome(entries.index("account").getAll(account));
  }

  /**
   * @template T
   * @param {(entries: IDBObjectStore) => IDBRequest<T>} change
   * @returns {Promise<T>} once it is on disk
   */
  #write(change) {
    const transaction = this.#database.transaction(ENTRIES, "readwrite", { durability: "strict" });
    const request = change(transaction.objectStore(ENTRIES));
    return new Promise((resolve, reject) => {
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(transaction.error);
    });
  }
}

/** @implements {OutboxStore} */
export class MemoryStore {
  /** @type {Map<number, OutboxEntry>} */
  #entries = new Map();
  #last = 0;

  /** @param {Omit<OutboxEntry, "n">} entry */
  async add(entry) {
    this.#last += 1;
    this.#entries.set(this.#last, { ...entry, n: this.#last });
    return this.#last;
  }

  /** @param {OutboxEntry} entry */
  async put(entry) {
    if (this.#entries.has(entry.n)) this.#entries.set(entry.n, { ...entry });
  }

  /** @param {number} n */
  async remove(n) {
    this.#entries.delete(n);
  }

  /** @param {string} account */
  async all(account) {
    return [...this.#entries.values()].filter((entry) => entry.account === account);
  }
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
