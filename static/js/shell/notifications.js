/**
 * Notifications on a page, put together once: the inbox and its connection, the bells, the panel,
 * toasts, the tab's mark and the notifications of the operating system.
 */
import { clock } from "../core/clock.js";
import { Emitter } from "../core/events.js";
import { grouped } from "../core/groups.js";
import { Herald } from "../core/herald.js";
import { Inbox } from "../core/inbox.js";
import { Lead } from "../core/lead.js";
import { Notices } from "../core/notices.js";
import { Push } from "../core/push.js";
import { Bell } from "../views/bell.js";
import { Desktop, permission } from "../views/desktop.js";
import { Calendar } from "../views/format.js";
import { sentence } from "../views/group_words.js";
import { TabMark } from "../views/tab_mark.js";
import { Toasts } from "../views/toasts.js";
import { attempt } from "./attempt.js";
import { InboxDrawer } from "./inbox_drawer.js";

/** @import { Me } from "../types/chat.d.ts" */
/** @import { Notification } from "../types/notifications.d.ts" */
/** @import { Channel } from "../core/channel.js" */
/** @import { Connection } from "../core/connection.js" */
/** @import { InboxEvents, InboxRequests } from "../types/notifications.d.ts" */
/** @import { Verdict } from "../core/herald.js" */

/**
 * @typedef {object} Around What the page knows that the inbox does not.
 * @property {(item: Notification) => boolean} [isReading] it is before the person's eyes right now
 * @property {(link: string) => boolean} [go] whether the page went there by itself
 * @property {(item: Notification) => string | undefined} [placeOf] the name of the room it is about
 */

/** @typedef {{ ready: [] }} Events the server told of the inbox */

const LOUD_AT_ONCE = 3;

/** @extends {Emitter<Events>} */
export class Notifications extends Emitter {
  inbox = new Inbox();
  mark = new TabMark();

  /**
   * @param {object} parts
   * @param {Me} parts.me
   * @param {Connection} parts.connection
   * @param {Around} [parts.around]
   */
  constructor({ me, connection, around = {} }) {
    super();
    this.me = me;
    this.#around = around;
    /** @type {Channel<InboxRequests, InboxEvents>} */
    const channel = connection.channel("/notifications");
    this.notices = new Notices({ inbox: this.inbox, channel, clock });
    this.desktop = new Desktop((item) => this.open(item));
    this.toasts = new Toasts(toastRoot(), {
      clock,
      onOpen: (item) => this.open(item),
    });
    this.#herald = this.#openHerald();
    this.bells = bellRoots().map((root) => new Bell(root, (bell) => this.drawer.toggle(bell)));
    this.drawer = new InboxDrawer(this);
    this.push = new Push({ account: me.id });
    channel.on("inbox", () => {
      this.emit("ready");
      // Signed in again: the server forgot this browser with the session before.
      this.push.resume().catch(() => {});
    });
    channel.on("preferences", ({ preferences }) => this.drawer.prefer(preferences));
    connection.on("lost", () => this.notices.lost());
    this.inbox.on("changed", () => this.#show());
    this.inbox.on("arrived", (news) => {
      // On a plain http address there are no locks and every tab leads: the one in front tells.
      if (navigator.locks || document.hasFocus()) this.#herald.arrived(news);
    });
  }

  #around;
  #herald;

  /** How lines of a list look and what they do. */
  get line() {
    return {
      calendar: new Calendar(this.me.time_zone),
      placeOf: this.#around.placeOf,
      onOpen: (/** @type {Notification} */ item) => this.open(item),
      onRead: (/** @type {string[]} */ ids) => attempt(this.notices.read(ids)),
      onArchive: (/** @type {string[]} */ ids) => attempt(this.notices.archive(ids)),
    };
  }

  #openHerald() {
    const herald = new Herald({
      account: this.me.id,
      clock,
      storage: localStorage,
      eyes: () => this.#eyes(),
      tell: (verdict) => this.#tell(verdict),
    });
    const lead = new Lead(`parley.herald.${this.me.id}`, (leads) => herald.lead(leads));
    lead.ask();
    // The tab in front is where the person looks.
    const front = () => document.hasFocus() && lead.take();
    addEventListener("focus", front);
    front();
    return herald;
  }

  #eyes() {
    return {
      isFocused: document.hasFocus(),
      isReading: (/** @type {Notification} */ item) => this.#around.isReading?.(item) ?? false,
      mayDesktop: permission() === "granted",
    };
  }

  /** @param {Verdict} verdict */
  #tell({ toasts, desktop }) {
    // Who has the panel open sees them come.
    const shown = this.drawer.panel.isOpen ? [] : toasts;
    // Many at once, as after a lost connection, are one word and not a storm.
    for (const items of bundled(shown)) this.toasts.show(items, this.#title(items));
    for (const [item, ...more] of bundled(desktop)) {
      if (item) this.desktop.show(item, this.#title([item, ...more]));
    }
  }

  /** @param {Notification[]} items */
  #title(items) {
    const [item] = items;
    return items.length === 1 && item ? item.title : sentence(items, this.#around.placeOf);
  }

  #show() {
    const { unread } = this.inbox;
    for (const bell of this.bells) bell.setUnread(unread);
    this.mark.setCount(unread);
    this.toasts.keep((id) => this.inbox.isOpen(id));
    this.desktop.keep((id) => this.inbox.isOpen(id));
    this.drawer.show();
  }

  /** Go where it leads: that is reading it. @param {Notification} item */
  async open(item) {
    this.drawer.close();
    const reading = item.read ? Promise.resolve() : this.notices.read([item.id]);
    if (!item.link || this.#around.go?.(item.link)) return attempt(reading);
    // The page goes away: if the server has not heard of it by then, the address tells it.
    location.assign(`/notifications/${encodeURIComponent(item.id)}`);
    return reading.catch(() => {});
  }

  /** What the person sees of these without the inbox. @param {(item: Notification) => boolean} isSeen */
  seen(isSeen) {
    const ids = this.inbox.list().flatMap((item) => (!item.read && isSeen(item) ? [item.id] : []));
    this.notices.seen(ids);
  }
}

/** One each, by group; past a few all as one. @param {Notification[]} items @returns {Notification[][]} the newest first in each */
function bundled(items) {
  const newest = items.toReversed();
  if (newest.length === 0) return [];
  const groups = grouped(newest).map((group) => group.items);
  return groups.length > LOUD_AT_ONCE ? [newest] : groups.toReversed();
}

/** @returns {HTMLElement} */
function toastRoot() {
  const root = document.getElementById("notices");
  if (!root) throw new Error('The page has no element "notices".');
  return root;
}

/** @returns {HTMLAnchorElement[]} */
function bellRoots() {
  return [...document.querySelectorAll("[data-bell]")].filter(
    (root) => root instanceof HTMLAnchorElement,
  );
}
