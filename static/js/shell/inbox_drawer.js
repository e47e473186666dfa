/** The panel under the bell: opened and closed, filled, and what is done in it. */
import { clock } from "../core/clock.js";
import { inAnHour, tomorrow } from "../core/snooze.js";
import { askPermission, permission } from "../views/desktop.js";
import { Calendar } from "../views/format.js";
import { InboxPanel } from "../views/inbox_panel.js";
import { attempt } from "./attempt.js";

/** @import { Preferences } from "../types/notifications.d.ts" */
/** @import { Bell } from "../views/bell.js" */
/** @import { Notifications } from "./notifications.js" */

const SHOWN = 50;

export class InboxDrawer {
  /** @type {Preferences | null} */
  #preferences = null;
  /** The newest are here, read ones too. */
  #isFilled = false;
  /** @type {Bell | null} */
  #bell = null;

  /** @param {Notifications} notifications */
  constructor(notifications) {
    this.#notifications = notifications;
    this.panel = new InboxPanel({
      line: notifications.line,
      onReadAll: () => attempt(notifications.notices.readAll()),
      onSnooze: (until) => this.#snooze(until),
      onAllow: () => this.#allow(),
      onClose: () => this.#closed(),
    });
    notifications.on("ready", () => this.#refresh());
  }

  #notifications;

  /** @param {Bell} bell */
  toggle(bell) {
    if (this.panel.isOpen) return this.panel.close();
    this.#bell = bell;
    bell.setOpen(true);
    this.#notifications.toasts.keep(() => false);
    this.show({ isOpening: true });
    this.panel.open(bell.root);
    if (!this.#isFilled) this.#fill();
    return undefined;
  }

  close() {
    this.panel.close(false);
  }

  #closed() {
    this.#bell?.setOpen(false);
  }

  async #refresh() {
    const answer = await this.#notifications.notices
      .request("preferences:get", {})
      .catch(() => null);
    if (answer) this.prefer(answer.preferences);
  }

  async #fill() {
    const page = await attempt(this.#notifications.notices.older({ limit: SHOWN }));
    this.#isFilled = page !== undefined;
    this.show();
  }

  /** @param {Preferences} preferences */
  prefer(preferences) {
    this.#preferences = preferences;
    for (const bell of this.#notifications.bells) bell.setSnoozed(this.#snoozed() !== null);
    this.show();
  }

  show({ isOpening = false } = {}) {
    if (!this.panel.isOpen && !isOpening) return;
    const { inbox } = this.#notifications;
    this.panel.set({
      items: inbox.list().slice(0, SHOWN),
      unread: inbox.unread,
      snoozed: this.#snoozed(),
      canAllow: permission() === "default",
      isLoading: !this.#isFilled,
    });
  }

  /** Until when, in words; null: it is not, or no longer. */
  #snoozed() {
    const until = this.#preferences?.snooze_until;
    if (!until || Date.parse(until) <= clock.now()) return null;
    const calendar = new Calendar(this.#notifications.me.time_zone);
    const day = calendar.day(until);
    return day === "Today" ? calendar.time(until) : `${day}, ${calendar.time(until)}`;
  }

  /** @param {"hour" | "tomorrow" | null} until */
  async #snooze(until) {
    const { me, notices } = this.#notifications;
    const now = clock.now();
    const at = until === "hour" ? inAnHour(now) : until ? tomorrow(now, me.time_zone) : null;
    const snooze_until = at === null ? null : new Date(at).toISOString();
    // Others of my devices may have changed something: theirs stays.
    const held = await attempt(notices.request("preferences:get", {}));
    if (!held) return;
    const wanted = { ...held.preferences, snooze_until };
    const set = await attempt(notices.request("preferences:set", wanted));
    if (set) this.prefer(set.preferences);
  }

  async #allow() {
    await askPermission();
    this.show();
  }
}
