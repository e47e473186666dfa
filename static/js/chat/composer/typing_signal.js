/** Tells the room that I am typing: at once, repeatedly while it lasts, and when it stops. */

/** @import { Clock } from "../../core/clock.js" */

/** The server forgets a typing person after 6 s. */
const AGAIN_MS = 3_000;
const OVER_MS = 5_000;

export class TypingSignal {
  /** @type {string | null} */
  #room = null;
  #told = 0;
  #stopWaiting = () => {};

  /**
   * @param {object} parts
   * @param {Clock} parts.clock
   * @param {(name: "typing:start" | "typing:stop", room: string) => void} parts.tell
   */
  constructor({ clock, tell }) {
    this.#clock = clock;
    this.#tell = tell;
  }

  #clock;
  #tell;

  /** A key was pressed in this room's composer. @param {string} room */
  typed(room) {
    if (this.#room !== room) this.stopped();
    const now = this.#clock.now();
    if (this.#room === null || now - this.#told >= AGAIN_MS) {
      this.#told = now;
      this.#tell("typing:start", room);
    }
    this.#room = room;
    this.#stopWaiting();
    this.#stopWaiting = this.#clock.after(OVER_MS, () => this.stopped());
  }

  /** The text was sent or put away: sending itself tells the server. @param {{ tell?: boolean }} [how] */
  stopped({ tell = true } = {}) {
    this.#stopWaiting();
    if (this.#room !== null && tell) this.#tell("typing:stop", this.#room);
    this.#room = null;
  }
}
