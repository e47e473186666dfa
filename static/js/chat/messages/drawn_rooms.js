/**
 * Keeps the rows of rooms that were left in the page, out of sight and laid out: going back to one
 * paints nothing anew and measures nothing again.
 */
import { el } from "../../core/ui/dom.js";

/** @import { MessageElements } from "./message_elements.js" */

/** @typedef {{ elements: MessageElements, state: string }} Drawn */

const ROOMS = 20;
/** A room with more rows than this is painted anew: as many elements take memory, and as long to lay out. */
const ROWS = 400;
/** The class of a pane that is not shown; its styles are in message_list.css. */
const AWAY = "is-away";

export class DrawnRooms {
  /** By the room's id, the least recently drawn first. @type {Map<string, Drawn>} */
  #rooms = new Map();
  /** @type {MessageElements | null} */
  #shown = null;

  /**
   * @param {HTMLElement} list gets one pane for each room
   * @param {(pane: HTMLElement) => MessageElements} make the elements of a pane
   */
  constructor(list, make) {
    this.#list = list;
    this.#make = make;
  }

  #list;
  #make;

  /** Shows the pane of no room, which is empty. */
  none() {
    return this.#show(this.#make(el("div.message-pane")));
  }

  /**
   * Shows the pane of a room, and no other: that of the last time where it is still right.
   * @param {string} room its id
   * @param {string} state on which the elements depend, besides their entries
   * @returns {MessageElements} to draw the room with
   */
  of(room, state) {
    const held = this.#rooms.get(room);
    const isRight = held?.state === state && held.elements.size <= ROWS;
    if (held && !isRight) this.forget(room);
    const elements = isRight ? held.elements : this.#make(el("div.message-pane"));
    this.#rooms.delete(room);
    this.#rooms.set(room, { elements, state });
    const [oldest] = this.#rooms.keys();
    if (this.#rooms.size > ROOMS && oldest !== undefined) this.forget(oldest);
    return this.#show(elements);
  }

  /** @param {MessageElements} elements */
  #show(elements) {
    const left = this.#shown;
    this.#shown = elements;
    if (left !== elements) {
      const isKept = [...this.#rooms.values()].some((drawn) => drawn.elements === left);
      if (isKept) left?.pane.classList.add(AWAY);
      else left?.pane.remove();
    }
    elements.pane.classList.remove(AWAY);
    if (!elements.pane.isConnected) this.#list.append(elements.pane);
    return elements;
  }

  /** The room is painted anew the next time, or may not be seen any more. @param {string} room its id */
  forget(room) {
    const held = this.#rooms.get(room);
    this.#rooms.delete(room);
    if (held && held.elements !== this.#shown) held.elements.pane.remove();
  }

  /** All are to be painted anew, as with another clock. */
  clear() {
    for (const room of [...this.#rooms.keys()]) this.forget(room);
  }
}
