/** Where the reader left each room, for coming back to it. A tab keeps them while it is open, over reloads too. */

/** @import { Anchor } from "./scroll_position.js" */

const ROOMS = 200;

export class ReadingPlaces {
  /** By room, the room that was left last at the end. @type {Map<string, Anchor>} */
  #places;

  /** @param {string} account a user id @param {Pick<Storage, "getItem" | "setItem"> | null} store */
  constructor(account, store) {
    this.#key = `parley.places.${account}`;
    this.#store = store;
    this.#places = new Map(this.#kept());
  }

  #key;
  #store;

  /** @returns {[string, Anchor][]} */
  #kept() {
    try {
      return JSON.parse(this.#store?.getItem(this.#key) ?? "[]");
    } catch {
      return [];
    }
  }

  /** @param {string} room @param {Anchor | null} anchor null: it was left at its end */
  leave(room, anchor) {
    this.#places.delete(room);
    if (anchor) this.#places.set(room, anchor);
    const [oldest] = this.#places.keys();
    if (this.#places.size > ROOMS && oldest !== undefined) this.#places.delete(oldest);
    try {
      this.#store?.setItem(this.#key, JSON.stringify([...this.#places]));
    } catch {
      // The browser has no room for it: then they live as long as the page.
    }
  }

  /** @param {string} room @returns {Anchor | undefined} none where the room opens as if for the first time */
  of(room) {
    return this.#places.get(room);
  }
}
