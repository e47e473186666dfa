/**
 * Decides which new notifications alert the person, how, and in which tab. Exactly one tab alerts, and
 * not about messages that the person is reading at the moment.
 *
 * The tab that last had the focus leads. The highest alerted seq is stored where all tabs read it, so
 * that a change of the leader neither repeats nor loses an alert.
 */

/** @import { Notification } from "./types.d.ts" */
/** @import { Clock } from "../core/clock.js" */

/**
 * @typedef {object} Attention What the person sees in this tab, and what it may show.
 * @property {boolean} isFocused
 * @property {(item: Notification) => boolean} isReading
 * @property {boolean} mayDesktop the browser was allowed to show notifications
 */

/** @typedef {{ toasts: Notification[], desktop: Notification[] }} AlertChannels */

/** A new leader also alerts about items this recent: the leader before may not have done so. */
const FRESH_MS = 4_000;

/**
 * The rule for the leading tab; a tab in front would lead itself.
 * @param {Notification[]} news
 * @param {Attention} attention
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
   * @param {() => Attention} parts.attention
   * @param {(alertChannels: AlertChannels) => void} parts.tell
   * @param {Clock} parts.clock
   * @param {Pick<Storage, "getItem" | "setItem">} parts.storage what all tabs share
   */
  constructor({ account, attention, tell, clock, storage }) {
    this.#key = `parley.told.${account}`;
    this.#attention = attention;
    this.#tell = tell;
    this.#clock = clock;
    this.#storage = storage;
  }

  #key;
  #attention;
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
    this.#tell(alertChannels(news, this.#attention()));
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
