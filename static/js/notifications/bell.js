/**
 * The bell in the head of every page. Without scripts it is a link to the page of notifications;
 * with them it opens the panel and counts.
 */
import { t, tn } from "../core/i18n.js";
import { part } from "../core/ui/dom.js";

const MOST = 99;

export class Bell {
  /** @param {HTMLAnchorElement} root @param {(bell: Bell) => void} onPress */
  constructor(root, onPress) {
    this.root = root;
    this.#count = part(root, "bell-count");
    root.setAttribute("role", "button");
    root.setAttribute("aria-haspopup", "dialog");
    root.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      onPress(this);
    });
    root.addEventListener("keydown", (event) => {
      // A button also answers to the space bar.
      if (event.key !== " ") return;
      event.preventDefault();
      onPress(this);
    });
    this.setOpen(false);
    this.setUnread(0);
  }

  #count;

  /** Whether this bell is visible at the window's width; a page has two. */
  get isShown() {
    return this.root.offsetParent !== null;
  }

  /** @param {number} unread */
  setUnread(unread) {
    this.#count.textContent = unread > MOST ? `${MOST}+` : String(unread);
    this.#count.hidden = unread === 0;
    const name = unread
      ? tn("Notifications, {n} unread", "Notifications, {n} unread", unread)
      : t("Notifications");
    this.root.setAttribute("aria-label", name);
    this.root.title = name;
  }

  /** @param {boolean} isSnoozed */
  setSnoozed(isSnoozed) {
    this.root.classList.toggle("is-snoozed", isSnoozed);
  }

  /** @param {boolean} isOpen */
  setOpen(isOpen) {
    this.root.setAttribute("aria-expanded", String(isOpen));
  }
}
