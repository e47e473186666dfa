/**
 * Which messages the person has saved, for the menus: asked for once a connection, when first needed.
 * Until the answer comes, none is known to be.
 */

/** @import { ChatState } from "../chat_state.js" */

export class SavedIds {
  /** @type {Set<string>} */
  #ids = new Set();
  /** Saved or not by somebody's hand since the question went out: newer than its answer. @type {Map<string, boolean>} */
  #changed = new Map();
  #isAsked = false;

  /** @param {ChatState["request"]} request */
  constructor(request) {
    this.#request = request;
  }

  #request;

  /** @param {string} id */
  has(id) {
    return this.#ids.has(id);
  }

  /** A menu is about to be opened. */
  async prepare() {
    if (this.#isAsked) return;
    this.#isAsked = true;
    this.#changed.clear();
    try {
      const { ids } = await this.#request("saved:ids", {});
      this.#ids = new Set(ids);
      for (const [id, on] of this.#changed) this.#put(id, on);
    } catch {
      // Asked again with the next menu.
      this.#isAsked = false;
    }
  }

  /** A message was saved, or is no longer, here or on another device. @param {{ id: string, on: boolean }} change */
  changed({ id, on }) {
    this.#changed.set(id, on);
    this.#put(id, on);
  }

  /** The connection is lost: changes of other devices may be missed. */
  lost() {
    this.#isAsked = false;
  }

  /** @param {string} id @param {boolean} on */
  #put(id, on) {
    if (on) this.#ids.add(id);
    else this.#ids.delete(id);
  }
}
