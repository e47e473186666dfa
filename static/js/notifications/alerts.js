/**
 * Decides what of the news makes itself heard, how, and in which tab: exactly one tells, however many
 * are open, and nobody of what the person is reading right now.
 *
 * The tab that was last in front leads. What was told is written down where all tabs of the browser
 * see it, so that a change of the lead neither repeats nor swallows anything.
 */

/** @import { Notification } from "./types.d.ts" */
/** @import { Clock } from "../core/clock.js" */

/**
 * @typedef {object} Eyes What the person has before them in this tab.
 * @property {boolean} isFocused
 * @property {(item: Notification) => boolean} isReading
 * @property {boolean} mayDesktop the browser was allowed to show notifications
 */

/** @typedef {{ toasts: Notification[], desktop: Notification[] }} AlertChannels */

/** What came this shortly before a tab took the lead may not have been told by the other. */
const FRESH_MS = 4_000;

/**
 * The rule, for a tab that leads: if another one were in front, that would lead.
 * @param {Notification[]} news
 * @param {Eyes} eyes
 * @returns {AlertChannels}
 */
export function alertChannels(news, { isFocused, isReading, mayDesktop }) {
  const loud = news.filter(
    (item) => item.alert !== "none" && !item.read && !(isFocused && isReading(item)),
  );
  const isOutside = (/** @type {Notification} */ item) =>
    !isFocused && mayDesktop && item.alert !== "toast";
  return {
    toasts: loud.filter((item) => !isOutside(item)),
    desktop: loud.filter(isOutside),
  };
}

export class Alerts {
  #leads = false;
  /** @type {{ at: number, item: Notification }[]} */
  #fresh = [];

  /**
   * @param {object} parts
   * @param {string} parts.account a user id
   * @param {() => Eyes} parts.eyes
   * @param {(alertChannels: AlertChannels) => void} parts.tell
   * @param {Clock} parts.clock
   * @param {Pick<Storage, "getItem" | "setItem">} parts.storage what all tabs share
   */
  constructor({ account, eyes, tell, clock, storage }) {
    this.#key = `parley.told.${account}`;
    this.#eyes = eyes;
    this.#tell = tell;
    this.#clock = clock;
    this.#storage = storage;
  }

  #key;
  #eyes;
  #tell;
  #clock;
  #storage;

  /** @param {boolean} leads */
  lead(leads) {
    this.#leads = leads;
    if (leads) this.#speak();
  }

  /** @param {Notification[]} news */
  arrived(news) {
    const at = this.#clock.now();
    this.#fresh = [...this.#fresh, ...news.map((item) => ({ at, item }))];
    if (this.#leads) this.#speak();
    this.#fresh = this.#fresh.filter((each) => each.at > at - FRESH_MS);
  }

  #speak() {
    const since = this.#clock.now() - FRESH_MS;
    const told = this.#told();
    const news = this.#fresh.flatMap(({ at, item }) =>
      at > since && item.seq > told ? [item] : [],
    );
    this.#fresh = [];
    if (news.length === 0) return;
    this.#write(Math.max(...news.map((item) => item.seq)));
    this.#tell(alertChannels(news, this.#eyes()));
  }

  #told() {
    return Number(this.#storage.getItem(this.#key) ?? 0);
  }

  /** @param {number} seq */
  #write(seq) {
    try {
      this.#storage.setItem(this.#key, String(seq));
    } catch {
      // The storage is full: at worst a change of tabs tells something twice.
    }
  }
}
