/**
 * The panel that hangs on the bell: unread notifications and the newest before them. Not modal: Escape, a
 * press elsewhere or the focus leaving closes it, and the focus goes back to the bell.
 */
import { t } from "../core/i18n.js";
import { el, icon, iconButton } from "../core/ui/dom.js";
import { openMenu } from "../core/ui/menu.js";
import { InboxListView } from "./inbox_list_view.js";

/** @import { Notification } from "./types.d.ts" */
/** @import { ItemOptions } from "./inbox_item_view.js" */

/**
 * @typedef {object} PanelOptions
 * @property {ItemOptions} items
 * @property {() => void} onReadAll
 * @property {(until: "hour" | "tomorrow" | null) => void} onSnooze null: ends it
 * @property {() => void} onAllow the person wants notifications of the operating system
 * @property {() => void} onClose
 */

/**
 * @typedef {object} PanelState
 * @property {Notification[]} items the newest first
 * @property {number} unread
 * @property {string | null} snoozed until when, in words
 * @property {boolean} canAllow the browser can still be asked
 * @property {boolean} isLoading
 */

export const NOTHING = t("Nothing here yet.");
const WHAT_COMES = t(
  "Mentions, direct messages, replies, reactions and invitations will appear here.",
);

export class InboxPanelView {
  /** @type {HTMLElement | null} */
  #anchor = null;

  /** @param {PanelOptions} options */
  constructor(options) {
    this.#options = options;
    this.readAll = el(
      "button.text-button",
      { type: "button", onclick: () => options.onReadAll() },
      t("Mark all as read"),
    );
    this.snooze = iconButton("snooze", t("Snooze"), () => this.#offerSnooze());
    this.snooze.setAttribute("aria-haspopup", "menu");
    this.strip = el("p.inbox-strip", { hidden: true });
    this.empty = el(
      "div.inbox-empty",
      { hidden: true },
      icon("bell"),
      el("p", NOTHING),
      el("p.muted", WHAT_COMES),
    );
    const body = el("div.inbox-body");
    this.element = el(
      "div.inbox-panel",
      { role: "dialog", "aria-label": t("Notifications"), tabindex: -1 },
      el(
        "header.inbox-head",
        el("h2", t("Notifications")),
        this.snooze,
        el(
          "a.icon-button",
          {
            href: "/settings/notifications",
            "aria-label": t("Notification settings"),
            title: t("Notification settings"),
          },
          icon("settings"),
        ),
        iconButton("close", t("Close"), () => this.close()),
      ),
      this.strip,
      el("div.inbox-scroll", body, this.empty),
      el(
        "footer.inbox-foot",
        this.readAll,
        el("a", { href: "/notifications" }, t("All notifications")),
      ),
    );
    this.list = new InboxListView(body, options.items);
    this.#listen();
  }

  #options;

  get isOpen() {
    return this.element.isConnected;
  }

  #listen() {
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      // The drawers of the page close with Escape too: one press, one thing.
      event.preventDefault();
      event.stopPropagation();
      this.close();
    });
    this.element.addEventListener("focusout", ({ relatedTarget }) => {
      // Without a new place the focus fell because something was redrawn, or another window has it.
      if (relatedTarget instanceof Node && !this.#owns(relatedTarget)) this.close(false);
    });
    document.addEventListener("pointerdown", ({ target }) => {
      if (this.isOpen && target instanceof Node && !this.#owns(target)) this.close(false);
    });
    addEventListener("resize", () => this.isOpen && this.#place());
  }

  /** @param {Node} node */
  #owns(node) {
    return this.element.contains(node) || this.#anchor?.contains(node) === true;
  }

  /** @param {HTMLElement} anchor the bell */
  open(anchor) {
    this.#anchor = anchor;
    // Right after the bell: what follows it by Tab is then the panel.
    anchor.after(this.element);
    this.#place();
    this.#settle();
  }

  close(returnsFocus = true) {
    if (!this.isOpen) return;
    this.element.remove();
    if (returnsFocus) this.#anchor?.focus();
    this.#options.onClose();
  }

  /** @param {PanelState} state */
  set({ items, unread, snoozed, canAllow, isLoading }) {
    const hadFocus = this.element.contains(document.activeElement);
    this.list.set(items);
    this.readAll.hidden = unread === 0;
    this.empty.hidden = items.length > 0 || isLoading;
    this.snooze.setAttribute("aria-pressed", String(snoozed !== null));
    this.#showStrip(snoozed, canAllow);
    // The focused element may be gone: Escape must still close the panel.
    if (hadFocus && !this.#holdsFocus()) this.#settle();
  }

  #holdsFocus() {
    const active = document.activeElement;
    const isOnItself = active === this.element && !this.list.isEmpty;
    return this.element.contains(active) && !isOnItself && !active?.closest("[hidden]");
  }

  #settle() {
    if (this.list.isEmpty) this.element.focus({ preventScroll: true });
    else this.list.focus();
  }

  /** @param {string | null} snoozed @param {boolean} canAllow */
  #showStrip(snoozed, canAllow) {
    const { onSnooze, onAllow } = this.#options;
    const [text, label, run] =
      snoozed !== null
        ? [t("Snoozed until {time}.", { time: snoozed }), t("End it"), () => onSnooze(null)]
        : canAllow
          ? [
              t("Show them on this device, also when Parley is not in front?"),
              t("Turn on"),
              onAllow,
            ]
          : ["", "", () => {}];
    this.strip.hidden = !text;
    if (this.strip.dataset.text === text) return;
    this.strip.dataset.text = text;
    this.strip.replaceChildren(
      el("span", text),
      el("button.text-button", { type: "button", onclick: run }, label),
    );
  }

  #offerSnooze() {
    const { onSnooze } = this.#options;
    const isSnoozed = this.snooze.getAttribute("aria-pressed") === "true";
    openMenu(this.snooze, [
      { label: t("Snooze for an hour"), run: () => onSnooze("hour") },
      { label: t("Snooze until tomorrow"), run: () => onSnooze("tomorrow") },
      ...(isSnoozed ? [{ label: t("End the snooze"), run: () => onSnooze(null) }] : []),
    ]);
  }

  /** Under the bell and within the window; on a phone the sheet of styles takes over. */
  #place() {
    if (!this.#anchor) return;
    const at = this.#anchor.getBoundingClientRect();
    const { offsetWidth: width } = this.element;
    const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
    this.element.style.setProperty("--top", `${at.bottom + 6}px`);
    this.element.style.setProperty("--left", `${left}px`);
  }
}
