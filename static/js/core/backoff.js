/**
 * How long to wait before the next attempt to connect, and the state to show meanwhile. No I/O: the
 * connection reports what happened and acts on the answer.
 */

/** @import { ConnectionStatus, Phase } from "./types.d.ts" */

const FIRST_S = 0.5;
const LONGEST_S = 10;
/** A move to another node that takes no longer than this is not shown. */
export const QUIET_MS = 3_000;

export class Backoff {
  /** @type {Phase} */
  #phase = "connecting";
  #attempts = 0;
  #hasNetwork = true;
  /** Until when a move to another node is not shown. */
  #quietUntil = 0;
  /** When the next attempt is due, in milliseconds. @type {number | null} */
  #due = null;

  /**
   * @param {object} parts
   * @param {() => number} parts.now milliseconds
   * @param {() => number} [parts.random] from 0 to 1
   */
  constructor({ now, random = Math.random }) {
    this.#now = now;
    this.#random = random;
  }

  #now;
  #random;

  /** Whether the session is over: only a new sign-in helps. */
  get hasEnded() {
    return this.#phase === "ended";
  }

  /** @returns {ConnectionStatus} */
  get status() {
    if (this.#phase !== "reconnecting") return { phase: this.#phase, retry_in_s: null };
    if (this.#now() < this.#quietUntil) return { phase: "connected", retry_in_s: null };
    const wait_ms = this.#due === null ? null : Math.max(0, this.#due - this.#now());
    return {
      phase: this.#hasNetwork ? "reconnecting" : "offline",
      retry_in_s: wait_ms === null ? null : Math.ceil(wait_ms / 1000),
    };
  }

  /** The server knows us again. */
  connected() {
    this.#phase = "connected";
    this.#attempts = 0;
    this.#due = null;
    this.#quietUntil = 0;
  }

  /**
   * The server sends us to another node, which is nothing to show unless it takes long.
   * @param {number} after_ms when to go there
   * @returns {number | null} milliseconds until the next attempt; null: none
   */
  moving(after_ms) {
    if (this.hasEnded) return null;
    this.#phase = "reconnecting";
    this.#quietUntil = this.#now() + QUIET_MS;
    this.#due = this.#now() + after_ms;
    return after_ms;
  }

  /**
   * The connection broke, or an attempt failed.
   * @param {{ code?: string, retry_after?: number }} [reason] what the server said, where it did
   * @returns {number | null} milliseconds until the next attempt; null: none
   */
  lost({ code, retry_after } = {}) {
    if (this.hasEnded || code === "unauthenticated") {
      this.ended();
      return null;
    }
    this.#phase = "reconnecting";
    const wait_ms = 1000 * this.#wait_s(retry_after ?? 0);
    this.#due = this.#now() + wait_ms;
    return wait_ms;
  }

  /** Longer each time, and spread: a thousand clients of a restarted server must not come at once. @param {number} least_s */
  #wait_s(least_s) {
    const longest = Math.min(FIRST_S * 2 ** this.#attempts, LONGEST_S);
    this.#attempts += 1;
    return least_s + longest * (0.5 + this.#random() / 2);
  }

  /** An attempt is under way. */
  attempting() {
    this.#due = null;
  }

  ended() {
    this.#phase = "ended";
    this.#due = null;
  }

  /** @param {boolean} hasNetwork what the browser believes: a hint, attempts go on without it */
  network(hasNetwork) {
    this.#hasNetwork = hasNetwork;
    if (hasNetwork) this.#attempts = 0;
  }
}
