/**
 * Sends the outbox: strictly in order, one message in flight, the same `client_id` until the outcome
 * is known. Only the tab that leads sends, and only over a connection of the outbox's own account.
 */
import { RequestError } from "../../core/errors.js";

/** @import { OutboxEntry } from "./types.d.ts" */
/** @import { Outbox } from "./outbox.js" */
/** @import { Clock } from "../../core/clock.js" */

const FIRST_WAIT_S = 0.5;
const LONGEST_WAIT_S = 15;
const SUSPICIOUS_SILENCES = 2;

export class OutboxSender {
  /** This tab is the one that sends. */
  #leads = false;
  #isOnline = false;
  #isRunning = false;
  /** @type {(() => void) | null} */
  #stopWaiting = null;
  /** Consecutive temporary failures. */
  #failures = 0;
  #silences = 0;

  /**
   * @param {object} parts
   * @param {Outbox} parts.outbox
   * @param {(entry: OutboxEntry) => Promise<{ rev: number }>} parts.send rejects with a RequestError
   * @param {Clock} parts.clock
   * @param {() => void} [parts.onSilence] the connection looks dead: answers stay away
   * @param {() => number} [parts.random] from 0 to 1
   */
  constructor({ outbox, send, clock, onSilence = () => {}, random = Math.random }) {
    this.#outbox = outbox;
    this.#send = send;
    this.#clock = clock;
    this.#onSilence = onSilence;
    this.#random = random;
    outbox.on("queued", () => this.#run());
  }

  #outbox;
  #send;
  #clock;
  #onSilence;
  #random;

  /** @param {boolean} leads */
  lead(leads) {
    this.#leads = leads;
    this.#run();
  }

  /** @param {boolean} isOnline connected, and as the account that wrote the messages */
  online(isOnline) {
    this.#isOnline = isOnline;
    this.#failures = 0;
    this.#silences = 0;
    this.#run();
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let entry = this.#turn(); entry; entry = this.#turn()) await this.#attempt(entry);
    } finally {
      this.#isRunning = false;
    }
  }

  /** @returns {OutboxEntry | undefined} what may go out now */
  #turn() {
    const mayGo = this.#leads && this.#isOnline && !this.#stopWaiting;
    return mayGo ? this.#outbox.next() : undefined;
  }

  /** @param {OutboxEntry} entry */
  async #attempt(entry) {
    try {
      const { rev } = await this.#send(entry);
      this.#failures = 0;
      this.#silences = 0;
      this.#outbox.acked(entry.client_id, rev);
    } catch (error) {
      this.#refused(entry, error instanceof RequestError ? error : RequestError.timeout());
    }
  }

  /** @param {OutboxEntry} entry @param {RequestError} error */
  #refused(entry, error) {
    if (error.isFinal) {
      this.#outbox.failed(entry.client_id, error.message, error.code === "conflict");
      return;
    }
    if (error.code === "timeout") this.#silent();
    this.#wait(this.#backoff_s(error));
  }

  #silent() {
    this.#silences += 1;
    if (this.#silences < SUSPICIOUS_SILENCES) return;
    this.#silences = 0;
    this.#onSilence();
  }

  /** Seconds to wait: as long as the server asks, else longer after each failure. @param {RequestError} error */
  #backoff_s(error) {
    this.#failures += 1;
    const growing = Math.min(FIRST_WAIT_S * 2 ** (this.#failures - 1), LONGEST_WAIT_S);
    // Not before the time that the server asks for, and spread after it.
    return (error.retry_after ?? growing / 2) + (growing / 2) * this.#random();
  }

  /** @param {number} seconds */
  #wait(seconds) {
    this.#stopWaiting = this.#clock.after(seconds * 1000, () => {
      this.#stopWaiting = null;
      this.#run();
    });
  }
}
