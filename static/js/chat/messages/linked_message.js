/** Shows the message that a link leads to, fetching history until it is there. */

/** @import { OpenRoom } from "../rooms/open_room.js" */

const PAGES_AT_MOST = 20;

export class LinkedMessage {
  /** @type {string | null} */
  #id = null;
  #isSeeking = false;

  /**
   * @param {object} parts
   * @param {(id: string) => void} parts.show a message that is held
   * @param {() => Promise<void>} parts.older brings the page before what is held
   */
  constructor({ show, older }) {
    this.#show = show;
    this.#older = older;
  }

  #show;
  #older;

  /** @param {string} id @param {OpenRoom | null} room where it is, once that is open */
  aim(id, room) {
    this.#id = id;
    return this.seek(room);
  }

  /** The room is drawn. @param {OpenRoom | null} room */
  async seek(room) {
    if (this.#isSeeking || this.#id === null || !room?.isLoaded) return;
    this.#isSeeking = true;
    try {
      if (await this.#fetch(room, this.#id)) this.#show(this.#id);
      this.#id = null;
    } finally {
      this.#isSeeking = false;
    }
  }

  /** @param {OpenRoom} room @param {string} id @returns {Promise<boolean>} whether it is here */
  async #fetch(room, id) {
    for (let page = 0; page < PAGES_AT_MOST; page += 1) {
      if (room.stream.items.has(id)) return true;
      const { floor } = room.stream;
      if (!room.hasOlder) return false;
      await this.#older();
      // Offline, or another room was opened: further requests would bring nothing.
      if (room.stream.floor === floor) return false;
    }
    return false;
  }
}
