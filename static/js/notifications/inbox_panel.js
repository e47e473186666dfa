/** The panel under the bell: opens, fills and closes it, and handles its actions. */
import { clock } from "../core/clock.js";
import { preferences } from "../core/preferences.js";
import { Calendar } from "../core/ui/format.js";
import { orShowError } from "../core/ui/prompts.js";
import { askPermission, permission } from "./desktop_notifications.js";
import { InboxPanelView } from "./inbox_panel_view.js";
import { inAnHour, tomorrow } from "./snooze.js";

/** @import { Preferences } from "./types.d.ts" */
/** @import { Bell } from "./bell.js" */
/** @import { Notifications } from "./notifications.js" */

const SHOWN = 50;

export class InboxPanel {
  /** @type {Preferences | null} */
  #preferences = null;
  /** Whether the newest notifications were fetched, read ones too. */
  #isFilled = false;
  /** @type {Bell | null} */
  #bell = null;

  /** @param {Notifications} notifications */
  constructor(notifications) {
    this.#notifications = notifications;
    this.view = new InboxPanelView({
      items: notifications.itemOptions,
      onReadAll: () => orShowError(notifications.inboxClient.readAll()),
      onSnooze: (until) => this.#snooze(until),
      onAllow: () => this.#allow(),
      onClose: () => this.#closed(),
    });
    notifications.on("ready", () => this.#refresh());
  }

  #notifications;

  /** @param {Bell} bell */
  toggle(bell) {
    if (this.view.isOpen) return this.view.close();
    this.#bell = bell;
    bell.setOpen(true);
    this.#notifications.toasts.keep(() => false);
    this.show({ isOpening: true });
    this.view.open(bell.root);
    if (!this.#isFilled) this.#fill();
    return undefined;
  }

  close() {
    this.view.close(false);
  }

  #closed() {
    this.#bell?.setOpen(false);
  }

  async #refresh() {
    const answer = await this.#notifications.inboxClient
      .request("preferences:get", {})
      .catch(() => null);
    if (answer) this.#notifications.prefer(answer.preferences);
  }

  async #fill() {
    const page = await orShowError(this.#notifications.inboxClient.older({ limit: SHOWN }));
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
    if (!this.view.isOpen && !isOpening) return;
    const { inbox } = this.#notifications;
    this.view.set({
      items: inbox.list().slice(0, SHOWN),
      unread: inbox.unread,
      snoozed: this.#snoozed(),
      canAllow: permission() === "default",
      isLoading: !this.#isFilled,
    });
  }

  /** The end of the snooze in words; null: not snoozed. */
  #snoozed() {
    const until = this.#preferences?.snooze_until;
    if (!until || Date.parse(until) <= clock.now()) return null;
    const calendar = new Calendar();
    const day = calendar.day(until);
    return day === "Today" ? calendar.time(until) : `${day}, ${calendar.time(until)}`;
  }

  /** @param {"hour" | "tomorrow" | null} until */
  async #snooze(until) {
    const { inboxClient } = this.#notifications;
    const now = clock.now();
    const at =
      until === "hour" ? inAnHour(now) : until ? tomorrow(now, preferences.get("time_zone")) : null;
    const snooze_until = at === null ? null : new Date(at).toISOString();
    // Another device may have changed the preferences: fetch them before changing one field.
    const held = await orShowError(inboxClient.request("preferences:get", {}));
    if (!held) return;
    const wanted = { ...held.preferences, snooze_until };
    const set = await orShowError(inboxClient.request("preferences:set", wanted));
    if (set) this.prefer(set.preferences);
  }

  async #allow() {
    await askPermission();
    this.show();
  }
}
