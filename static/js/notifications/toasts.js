/**
 * Toasts for notifications that arrive on a visible page. Screen readers speak them; they never take the
 * focus, wait while they are hovered or focused or the page is hidden, and disappear by themselves.
 */
import { t } from "../core/i18n.js";
import { el, iconButton, typed } from "../core/ui/dom.js";
import { bodyOf } from "./group_sentence.js";
import { avatarOf, titleLine } from "./inbox_item_view.js";

/** @import { Notification } from "./types.d.ts" */
/** @import { Clock } from "../core/clock.js" */

const STAYS_MS = 7_000;
const TICK_MS = 500;
const MOST = 3;

/** @typedef {{ element: HTMLElement, ids: string[], left_ms: number }} Toast */

export class Toasts {
  /** The oldest first. @type {Toast[]} */
  #toasts = [];
  #isTicking = false;

  /**
   * @param {HTMLElement} root a status region that is there from the beginning
   * @param {{ clock: Clock, onOpen: (item: Notification) => void }} options
   */
  constructor(root, options) {
    this.#root = root;
    this.#options = options;
    root.addEventListener("keydown", (event) => event.key === "Escape" && this.#closeFocused());
  }

  #root;
  #options;

  /** @param {Notification[]} items one line; the newest first @param {string} title */
  show(items, title) {
    const [item] = items;
    if (!item) return;
    const close = () => this.#drop(toast);
    const element = el(
      "div.notification-toast",
      el(
        "a.notification-toast-link",
        {
          href: `/notifications/${encodeURIComponent(item.id)}`,
          onclick: (/** @type {MouseEvent} */ event) => {
            if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
            event.preventDefault();
            close();
            this.#options.onOpen(item);
          },
        },
        avatarOf(item),
        el(
          "span.inbox-item-words",
          titleLine(title, item),
          item.body && typed("span.inbox-item-text", bodyOf(item, 120)),
        ),
      ),
      iconButton("close", t("Dismiss"), close),
    );
    /** @type {Toast} */
    const toast = { element, ids: items.map(({ id }) => id), left_ms: STAYS_MS };
    this.#toasts.push(toast);
    this.#root.append(element);
    for (const old of this.#toasts.slice(0, -MOST)) this.#drop(old);
    this.#tick();
  }

  /** Remove toasts of notifications that were read elsewhere. @param {(id: string) => boolean} isOpen */
  keep(isOpen) {
    for (const toast of [...this.#toasts]) if (!toast.ids.some(isOpen)) this.#drop(toast);
  }

  /** @param {Toast} toast */
  #drop(toast) {
    this.#toasts = this.#toasts.filter((each) => each !== toast);
    toast.element.remove();
  }

  #closeFocused() {
    const focused = this.#toasts.find(({ element }) => element.contains(document.activeElement));
    if (focused) this.#drop(focused);
  }

  #tick() {
    if (this.#isTicking || this.#toasts.length === 0) return;
    this.#isTicking = true;
    this.#options.clock.after(TICK_MS, () => {
      this.#isTicking = false;
      if (!document.hidden && !this.#root.matches(":hover, :focus-within")) this.#age();
      this.#tick();
    });
  }

  #age() {
    for (const toast of [...this.#toasts]) {
      toast.left_ms -= TICK_MS;
      if (toast.left_ms <= 0) this.#drop(toast);
    }
  }
}
