/** Where the reader left each room, for coming back to it. No I/O. */

/** @import { Anchor } from "./scroll_position.js" */

const ROOMS = 200;

export class ReadingPlaces {
  /** By room, the room that was left last at the end. @type {Map<string, Anchor>} */
  #places = new Map();

  /** @param {string} room @param {Anchor | null} anchor null: it was left at its end */
  leave(room, anchor) {
    this.#places.delete(room);
    if (anchor) this.#places.set(room, anchor);
    const [oldest] = this.#places.keys();
    if (this.#places.size > ROOMS && oldest !== undefined) this.#places.delete(oldest);
  }

  /** @param {string} room @returns {Anchor | undefined} none where the room opens as if for the first time */
  of(room) {
    return this.#places.get(room);
  }
}
