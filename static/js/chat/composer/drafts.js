/** Unsent texts, by account and room; they survive a reload and an ended session. */

const PREFIX = "parley.draft";

export class Drafts {
  /**
   * @param {string} account a user id
   * @param {Storage} [storage]
   */
  constructor(account, storage = localStorage) {
    this.#account = account;
    this.#storage = storage;
  }

  #account;
  #storage;

  /** @param {string} room its id */
  get(room) {
    return this.#storage.getItem(this.#key(room)) ?? "";
  }

  /** @param {string} room its id @param {string} text */
  set(room, text) {
    try {
      if (text) this.#storage.setItem(this.#key(room), text);
      else this.#storage.removeItem(this.#key(room));
    } catch {
      // The storage is full: the text stays in the field until the page is closed.
    }
  }

  /** @param {string} room */
  #key(room) {
    return `${PREFIX}.${this.#account}.${room}`;
  }
}
