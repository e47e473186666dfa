/** Tells the server how far I have read, shortly after scrolling stops; repeats what was lost. */

/** @import { Clock } from "../../core/clock.js" */

const REST_MS = 400;
const AGAIN_MS = 5_000;

export class ReadMarker {
  /** The highest seq seen, by room. @type {Map<string, number>} */
  #seen = new Map();
  /** @type {(() => void) | null} */
  #stopWaiting = null;

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {(room: string, seq: number) => Promise<unknown>} parts.mark
   * @param {(room: string, seq: number) => void} parts.leave the same in a way that outlives the page
   */
  constructor({ clock, mark, leave }) {
    this.#clock = clock;
    this.#mark = mark;
    this.#leave = leave;
  }

  #clock;
  #mark;
  #leave;

  /** @param {string} room @param {number} seq */
  seen(room, seq) {
    if (seq <= (this.#seen.get(room) ?? 0)) return;
    this.#seen.set(room, seq);
    this.#wait(REST_MS);
  }

  /** Messages of this room are unread again: what was seen before is not told. @param {string} room */
  forget(room) {
    this.#seen.delete(room);
  }

  /** Tell of one room at once. @param {string} room @returns {Promise<void>} when the server knows, or can't be told now */
  async settle(room) {
    const seq = this.#seen.get(room);
    if (seq !== undefined) await this.#tell(room, seq);
  }

  /** Tell at once: the person turns to something else. */
  flush() {
    this.#stopWaiting?.();
    this.#stopWaiting = null;
    for (const [room, seq] of this.#seen) this.#tell(room, seq);
  }

  /** The page goes away: what the server has not acknowledged is told once more. */
  left() {
    for (const [room, seq] of this.#seen) this.#leave(room, seq);
  }

  /** @param {number} ms */
  #wait(ms) {
    this.#stopWaiting ??= this.#clock.after(ms, () => {
      this.#stopWaiting = null;
      for (const [room, seq] of this.#seen) this.#tell(room, seq);
    });
  }

  /** @param {string} room @param {number} seq */
  async #tell(room, seq) {
    try {
      await this.#mark(room, seq);
    } catch (error) {
      if (!(/** @type {{ isFinal?: boolean }} */ (error).isFinal)) return this.#wait(AGAIN_MS);
    }
    if (this.#seen.get(room) === seq) this.#seen.delete(room);
  }
}
