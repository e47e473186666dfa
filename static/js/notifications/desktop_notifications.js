/**
 * Notifications of the operating system, while a page is open. Only after the person allowed it.
 */
import { bodyOf, titleOf } from "./group_sentence.js";

/** @import { Notification as Notice } from "./types.d.ts" */

const BODY = 160;

/** @typedef {"default" | "granted" | "denied" | "impossible"} Permission */

/** @returns {Permission} `impossible` on plain http addresses and in browsers without them */
export function permission() {
  return typeof Notification !== "undefined" && globalThis.isSecureContext
    ? Notification.permission
    : "impossible";
}

/** Ask; browsers allow it only out of a click. @returns {Promise<Permission>} */
export async function askPermission() {
  return permission() === "default" ? Notification.requestPermission() : permission();
}

export class DesktopNotifications {
  /** @type {Map<string, Notification>} */
  #shown = new Map();

  /** @param {(item: Notice) => void} onOpen */
  constructor(onOpen) {
    this.#onOpen = onOpen;
  }

  #onOpen;

  /** @param {Notice} item @param {string} [title] where it stands for several */
  async show(item, title = titleOf(item)) {
    const how = {
      body: bodyOf(item, BODY),
      // Page and service worker use the same tag, so that the browser shows one of the two.
      tag: item.id,
      data: { id: item.id, link: item.link },
    };
    const worker = await registration();
    if (worker) return worker.showNotification(title, how);
    const shown = new Notification(title, how);
    this.#shown.set(item.id, shown);
    shown.onclose = () => this.#shown.delete(item.id);
    shown.onclick = () => {
      window.focus();
      shown.close();
      this.#onOpen(item);
    };
  }

  /** Close what was read elsewhere. @param {(id: string) => boolean} isOpen */
  async keep(isOpen) {
    for (const [id, shown] of this.#shown) if (!isOpen(id)) shown.close();
    const worker = await registration();
    for (const shown of (await worker?.getNotifications()) ?? []) {
      // A pushed notification may stand for several items.
      const ids = shown.data?.ids ?? [shown.data?.id ?? shown.tag];
      if (!ids.some(isOpen)) shown.close();
    }
  }
}

/** The service worker that shows what is pushed, where this browser has it. */
async function registration() {
  return navigator.serviceWorker?.getRegistration("/").catch(() => undefined);
}
