/** Keeps the elements of rooms that were left: going back to one paints nothing anew. */
/** @import { MessageElements } from "./message_elements.js" */

const ROOMS = 20;
/** A room with more rows than this is painted anew: as many elements take memory, and as long to lay out. */
const ROWS = 400;

export class DrawnRooms {
  /** The least recently drawn first. @type {Map<string, { elements: MessageElements, state: string }>} */
  #rooms = new Map();

  /** @param {() => MessageElements} none makes elements of no room */
  constructor(none) {
    this.none = none;
  }

  /**
   * The elements to draw a room with: those of the last time where they are still right.
   * @param {string} room its id
   * @param {string} state on which the elements depend, besides their entries
   */
  of(room, state) {
    const held = this.#rooms.get(room);
    const isRight = held?.state === state && held.elements.size <= ROWS;
    const elements = isRight ? held.elements : this.none();
    this.#rooms.delete(room);
    this.#rooms.set(room, { elements, state });
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size > ROOMS && oldest !== undefined) this.#rooms.delete(oldest);
    return elements;
  }

  /** All are to be painted anew, as with another clock. */
  clear() {
    this.#rooms.clear();
  }
}
