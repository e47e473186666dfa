/** The live feed: the newest events, of all types or of one, until it is paused. */
import { Emitter } from "../core/emitter.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, TrackedEvent } from "./types.d.ts" */

const HELD = 100;

/** @extends {Emitter<{ changed: [] }>} */
export class EventFeed extends Emitter {
  /** The newest first. @type {TrackedEvent[]} */
  items = [];
  /** The number of events that were left out because too many came at once. */
  skipped = 0;
  isPaused = false;
  /** The only type wanted; "": all. */
  type = "";

  /** @param {Channel<AnalyticsRequests, AnalyticsEvents>} channel */
  constructor(channel) {
    super();
    this.#channel = channel;
    channel.on("events", (news) => this.#take(news));
  }

  #channel;

  /** Ask for what is wanted: also after a lost connection, which forgot it. */
  async ask() {
    if (this.isPaused) return this.#channel.request("feed:stop", {});
    return this.#channel.request("feed:start", this.type ? { types: [this.type] } : { types: [] });
  }

  /** @param {boolean} isPaused */
  pause(isPaused) {
    this.isPaused = isPaused;
    this.emit("changed");
    return this.ask();
  }

  /** @param {string} type */
  choose(type) {
    this.type = type;
    this.items = type ? this.items.filter((item) => item.event_type === type) : this.items;
    this.skipped = 0;
    this.emit("changed");
    return this.ask();
  }

  /** @param {AnalyticsEvents["events"]} news */
  #take({ items, skipped }) {
    // Events may arrive after a pause or a change of the type.
    if (this.isPaused) return;
    const wanted = items.filter((item) => !this.type || item.event_type === this.type);
    const known = new Set(this.items.map(({ id }) => id));
    const news = wanted.filter(({ id }) => !known.has(id));
    this.items = [...news, ...this.items].sort(newestFirst).slice(0, HELD);
    this.skipped += skipped;
    this.emit("changed");
  }
}

/** @param {TrackedEvent} one @param {TrackedEvent} other */
function newestFirst(one, other) {
  return Date.parse(other.timestamp) - Date.parse(one.timestamp) || (one.id < other.id ? 1 : -1);
}
