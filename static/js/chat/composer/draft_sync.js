/** Keeps drafts on the server, so that they follow the person to other devices. */
import { RequestError } from "../../core/errors.js";

/** @import { Clock } from "../../core/clock.js" */
/** @import { ChatRequests, ChatEvents, ToldDraft } from "../types.d.ts" */
/** @import { Channel } from "../../core/channel.js" */
/** @import { Drafts } from "./drafts.js" */

/** Sent once the person pauses this long. */
const PAUSE_MS = 1_500;

export class DraftSync {
  #isOnline = false;
  /** Ends the wait of a room. @type {Map<string, () => void>} */
  #waits = new Map();

  /**
   * @param {object} parts
   * @param {Drafts} parts.drafts
   * @param {Clock} parts.clock
   * @param {Channel<ChatRequests, ChatEvents>["request"]} parts.request
   */
  constructor({ drafts, clock, request }) {
    this.#drafts = drafts;
    this.#clock = clock;
    this.#request = request;
    drafts.on("written", (room) => this.#wait(room, drafts.get(room).text ? PAUSE_MS : 0));
  }

  #drafts;
  #clock;
  #request;

  /** @param {boolean} isOnline */
  async online(isOnline) {
    this.#isOnline = isOnline;
    if (!isOnline) return;
    try {
      const { items, more } = await this.#request("drafts:list", {});
      this.#listed(items, more);
    } catch {
      // Asked again with the next connection.
    }
  }

  /** The server tells of a draft of another device. @param {ToldDraft} told */
  told(told) {
    if (!told.thread) this.#drafts.take(told);
  }

  /** Send at once what waits for a pause: the page may go. */
  flush() {
    for (const room of [...this.#waits.keys()]) this.#wait(room, 0);
  }

  /** @param {ToldDraft[]} items @param {boolean} more whether the server holds others */
  #listed(items, more) {
    const held = new Set(items.map(({ room, thread }) => (thread ? "" : room)));
    for (const item of items) this.told(item);
    for (const room of this.#drafts.rooms()) {
      if (this.#drafts.isDirty(room)) this.#wait(room, 0);
      else if (!more && !held.has(room) && this.#drafts.synced(room))
        this.#drafts.take({ room, text: "", at: "" });
    }
  }

  /** @param {string} room @param {number} ms */
  #wait(room, ms) {
    this.#waits.get(room)?.();
    this.#waits.set(
      room,
      this.#clock.after(ms, () => this.#send(room)),
    );
  }

  /** @param {string} room */
  async #send(room) {
    this.#waits.delete(room);
    if (!this.#isOnline || !this.#drafts.isDirty(room)) return;
    const { text, reply } = this.#drafts.get(room);
    const sent = { text, ...(reply ? { reply } : {}) };
    try {
      const { at } = await this.#request("draft:set", { room, text, reply_to: reply?.id });
      if (!this.#drafts.agreed(room, sent, at)) this.#wait(room, PAUSE_MS);
    } catch (error) {
      this.#failed(room, sent, error);
    }
  }

  /** @param {string} room @param {import("../types.d.ts").Draft} sent @param {unknown} error */
  #failed(room, sent, error) {
    if (!(error instanceof RequestError)) throw error;
    // It stays on this device.
    if (error.isFinal) this.#drafts.agreed(room, sent, undefined);
    else if (error.retry_after) this.#wait(room, error.retry_after * 1000);
  }
}
