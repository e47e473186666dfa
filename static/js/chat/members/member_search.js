/**
 * The people of a room of which only some are held: found by a part of their names, or all of them page
 * by page. No DOM.
 */
import { Emitter } from "../../core/emitter.js";
import { orUndefined } from "../../core/errors.js";

/** @import { Clock } from "../../core/clock.js" */
/** @import { Member } from "../types.d.ts" */

/** @typedef {(asked: { query?: string, after?: string, limit: number }) => Promise<{ items: Member[], more: boolean }>} Ask */

const PAGE = 50;
/** So long after the last letter the server is asked. */
const REST_MS = 150;

/** @extends {Emitter<{ changed: [] }>} */
export class MemberSearch extends Emitter {
  query = "";
  /** Those who are shown in place of the ones that are held. @type {Member[] | null} */
  found = null;
  more = false;
  /** Counts what was asked: a late answer to an earlier question says nothing. */
  #question = 0;
  #stopWaiting = () => {};

  /** @param {Ask} ask rejects with a RequestError @param {Clock} clock */
  constructor(ask, clock) {
    super();
    this.#ask = ask;
    this.#clock = clock;
  }

  #ask;
  #clock;

  /** Those who are held again. */
  reset() {
    this.#stopWaiting();
    this.#question += 1;
    this.query = "";
    this.found = null;
    this.more = false;
  }

  /** @param {string} query empty: those who are held again */
  look(query) {
    this.#stopWaiting();
    this.query = query.trim();
    if (this.query) this.#stopWaiting = this.#clock.after(REST_MS, () => this.#page(false));
    else {
      this.reset();
      this.emit("changed");
    }
  }

  /** All members by username, from the first. */
  all() {
    return this.#page(false);
  }

  /** The next page. */
  next() {
    return this.#page(true);
  }

  /** @param {boolean} isNext */
  async #page(isNext) {
    this.#question += 1;
    const question = this.#question;
    const last = isNext ? this.found?.at(-1) : undefined;
    const answer = await orUndefined(
      this.#ask({
        limit: PAGE,
        ...(this.query ? { query: this.query } : {}),
        ...(last ? { after: last.username } : {}),
      }),
    );
    if (!answer || question !== this.#question) return;
    this.found = [...(isNext ? (this.found ?? []) : []), ...answer.items];
    this.more = answer.more;
    this.emit("changed");
  }
}
