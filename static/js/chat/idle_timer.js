/** Tells the server whether I am online or idle, by when I last touched the page. */

/** @import { Clock } from "../core/clock.js" */

const IDLE_MS = 5 * 60_000;
const AWAY_MS = 30 * 60_000;

/** @typedef {"online" | "idle" | "away"} State */

export class IdleTimer {
  /** @type {State} */
  state = "online";
  #stopWaiting = () => {};

  /** @param {{ clock: Clock, tell: (state: State) => void }} parts */
  constructor({ clock, tell }) {
    this.#clock = clock;
    this.#tell = tell;
  }

  #clock;
  #tell;

  /** The person did something. */
  touched() {
    this.#stopWaiting();
    this.#set("online");
    this.#stopWaiting = this.#clock.after(IDLE_MS, () => this.#drift());
  }

  #drift() {
    this.#set("idle");
    this.#stopWaiting = this.#clock.after(AWAY_MS - IDLE_MS, () => this.#set("away"));
  }

  /** @param {State} state */
  #set(state) {
    if (state === this.state) return;
    this.state = state;
    this.#tell(state);
  }
}
