/**
 * Notifications of one page: the inbox, the bells, the panel, toasts, the tab's badge, desktop
 * notifications and web push.
 */
import { clock } from "../core/clock.js";
import { Emitter } from "../core/emitter.js";
import { preferences as personal } from "../core/preferences.js";
import { TabLeader } from "../core/tab_leader.js";
import { byId } from "../core/ui/dom.js";
import { Calendar } from "../core/ui/format.js";
import { orShowError } from "../core/ui/prompts.js";
import { Alerts } from "./alerts.js";
import { Bell } from "./bell.js";
import { DesktopNotifications, permission } from "./desktop_notifications.js";
import { groupSentence, titleOf } from "./group_sentence.js";
import { groupNotifications } from "./grouping.js";
import { Inbox } from "./inbox.js";
import { InboxClient } from "./inbox_client.js";
import { InboxPanel } from "./inbox_panel.js";
import { playSound } from "./sound.js";
import { TabBadge } from "./tab_badge.js";
import { Toasts } from "./toasts.js";
import { WebPush } from "./web_push.js";

/** @import { Me } from "../core/types.d.ts" */
/** @import { Notification, Preferences, RoomLevel } from "./types.d.ts" */
/** @import { Channel } from "../core/channel.js" */
/** @import { Connection } from "../core/connection.js" */
/** @import { InboxEvents, InboxRequests } from "./types.d.ts" */
/** @import { AlertChannels } from "./alerts.js" */

/**
 * @typedef {object} PageContext What the page tells about the place of a notification.
 * @property {(item: Notification) => boolean} [isReading] it is before the person's attention right now
 * @property {(link: string) => boolean} [go] whether the page went there by itself
 * @property {(item: Notification) => string | undefined} [placeOf] the name of the room it is about
 */

/**
 * @typedef {object} Events
 * @property {[]} ready the server told of the inbox
 * @property {[]} levels the person chose to hear more or less of some rooms
 */

const LOUD_AT_ONCE = 3;

/** @extends {Emitter<Events>} */
export class Notifications extends Emitter {
  inbox = new Inbox();
  tabBadge = new TabBadge();

  /**
   * @param {object} parts
   * @param {Me} parts.me
   * @param {Connection} parts.connection
   * @param {PageContext} [parts.context]
   */
  constructor({ me, connection, context = {} }) {
    super();
    this.me = me;
    this.#context = context;
    /** @type {Channel<InboxRequests, InboxEvents>} */
    const channel = connection.channel("/notifications");
    this.inboxClient = new InboxClient({ inbox: this.inbox, channel, clock });
    this.desktop = new DesktopNotifications((item) => this.open(item));
    this.toasts = new Toasts(byId("notification-toasts"), {
      clock,
      onOpen: (item) => this.open(item),
    });
    this.#alerts = this.#openHerald();
    this.bells = bellRoots().map((root) => new Bell(root, (bell) => this.panel.toggle(bell)));
    this.panel = new InboxPanel(this);
    this.push = new WebPush({ account: me.id });
    channel.on("inbox", () => {
      this.emit("ready");
      // Signed in again: the server forgot this browser with the session before.
      this.push.resume().catch(() => {});
    });
    channel.on("preferences", ({ preferences }) => this.prefer(preferences));
    channel.on("person:preferences", ({ preferences }) => personal.told(preferences));
    connection.on("lost", () => this.inboxClient.lost());
    this.inbox.on("changed", () => this.#show());
    this.inbox.on("arrived", (news) => {
      // On a plain http address there are no locks and every tab leads: the one in front tells.
      if (navigator.locks || document.hasFocus()) this.#alerts.arrived(news);
    });
  }

  #context;
  #alerts;

  /** The level of each room for which the person chose one, by id. @type {Preferences["rooms"]} */
  levels = {};

  /** @param {Preferences} preferences as the server has them */
  prefer(preferences) {
    this.panel.prefer(preferences);
    this.levels = preferences.rooms;
    this.emit("levels");
  }

  /** Hear more or less of a room. @param {string} room an id @param {RoomLevel} level */
  async setLevel(room, level) {
    const asked = this.inboxClient.request("preferences:room", { room, level });
    const answer = await orShowError(asked);
    if (answer) this.prefer(answer.preferences);
  }

  /** Options of the lists of notifications: how items look and what they do. */
  get itemOptions() {
    return {
      calendar: new Calendar(),
      placeOf: this.#context.placeOf,
      onOpen: (/** @type {Notification} */ item) => this.open(item),
      onRead: (/** @type {string[]} */ ids) => orShowError(this.inboxClient.read(ids)),
      onArchive: (/** @type {string[]} */ ids) => orShowError(this.inboxClient.archive(ids)),
    };
  }

  #openHerald() {
    const alerts = new Alerts({
      account: this.me.id,
      clock,
      storage: localStorage,
      attention: () => this.#attention(),
      tell: (alertChannels) => this.#tell(alertChannels),
    });
    const lead = new TabLeader(`parley.alerts.${this.me.id}`, (leads) => alerts.lead(leads));
    lead.ask();
    // The tab in front is where the person looks.
    const front = () => document.hasFocus() && lead.take();
    addEventListener("focus", front);
    front();
    return alerts;
  }

  #attention() {
    return {
      isFocused: document.hasFocus(),
      isReading: (/** @type {Notification} */ item) => this.#context.isReading?.(item) ?? false,
      mayDesktop: permission() === "granted",
    };
  }

  /** @param {AlertChannels} verdict */
  #tell({ toasts, desktop }) {
    if (toasts.length || desktop.length) playSound();
    // In an open panel the person sees them arrive.
    const shown = this.panel.view.isOpen ? [] : toasts;
    // Many at once, as after a lost connection, become one alert.
    for (const items of bundled(shown)) this.toasts.show(items, this.#title(items));
    for (const [item, ...more] of bundled(desktop)) {
      if (item) this.desktop.show(item, this.#title([item, ...more]));
    }
  }

  /** @param {Notification[]} items */
  #title(items) {
    const [item] = items;
    return items.length === 1 && item ? titleOf(item) : groupSentence(items, this.#context.placeOf);
  }

  #show() {
    const { unread } = this.inbox;
    for (const bell of this.bells) bell.setUnread(unread);
    this.tabBadge.setCount(unread);
    this.toasts.keep((id) => this.inbox.isOpen(id));
    this.desktop.keep((id) => this.inbox.isOpen(id));
    this.panel.show();
  }

  /** Go where it leads: that is reading it. @param {Notification} item */
  async open(item) {
    this.panel.close();
    const reading = item.read ? Promise.resolve() : this.inboxClient.read([item.id]);
    if (!item.link || this.#context.go?.(item.link)) return orShowError(reading);
    if (!item.link.startsWith("/")) {
      // Another site opens beside the page, by way of the server's word about where it leads.
      window.open(`/notifications/${encodeURIComponent(item.id)}`, "_blank", "noopener");
      return orShowError(reading);
    }
    // The page unloads: following this address marks it as read even if the request is lost.
    location.assign(`/notifications/${encodeURIComponent(item.id)}`);
    return reading.catch(() => {});
  }

  /** Mark as read what the person sees elsewhere on the page. @param {(item: Notification) => boolean} isSeen */
  seen(isSeen) {
    const ids = this.inbox.list().flatMap((item) => (!item.read && isSeen(item) ? [item.id] : []));
    this.inboxClient.seen(ids);
  }
}

/** One bundle for each group; a single one where there would be more than a few. @param {Notification[]} items @returns {Notification[][]} the newest first in each */
function bundled(items) {
  const newest = items.toReversed();
  if (newest.length === 0) return [];
  const groups = groupNotifications(newest).map((group) => group.items);
  return groups.length > LOUD_AT_ONCE ? [newest] : groups.toReversed();
}

/** @returns {HTMLAnchorElement[]} */
function bellRoots() {
  return [...document.querySelectorAll("[data-bell]")].filter(
    (root) => root instanceof HTMLAnchorElement,
  );
}
