/**
 * The list of notifications, in the panel and on the page: one tab stop, arrow keys within, Delete
 * archives. Changes of the list keep the focus.
 */
import { arrange, el } from "../core/ui/dom.js";
import { RovingFocus } from "../core/ui/roving_focus.js";
import { groupNotifications } from "./grouping.js";
import { inboxItem } from "./inbox_item_view.js";

/** @import { Notification } from "./types.d.ts" */
/** @import { Group } from "./grouping.js" */
/** @import { ItemOptions } from "./inbox_item_view.js" */

/** @typedef {{ element: HTMLElement, drawn: string }} Drawn */

export class InboxListView {
  /** By key of the line. @type {Map<string, Drawn>} */
  #lines = new Map();
  /** @type {Group[]} */
  #groups = [];
  /** @type {Set<string>} */
  #unfolded = new Set();

  /** @param {HTMLElement} root @param {ItemOptions} options */
  constructor(root, options) {
    this.#options = options;
    this.#list = el("ul.inbox-items");
    root.replaceChildren(this.#list);
    this.#roving = new RovingFocus(this.#list, ".inbox-item-link");
    this.#list.addEventListener("keydown", (event) => this.#press(event));
  }

  #options;
  #list;
  #roving;

  /** @param {Notification[]} items the newest first */
  set(items) {
    const focused = this.#focused();
    const before = focused && this.#roving.stops.indexOf(focused);
    const key = focused?.closest(".inbox-item")?.getAttribute("data-key");
    this.#groups = groupNotifications(items);
    this.#forget();
    arrange(
      this.#list,
      this.#groups.map((group) => this.#draw(group)),
    );
    this.#roving.settle();
    if (focused && before !== undefined && before !== null) this.#refocus(key, before);
  }

  get isEmpty() {
    return this.#groups.length === 0;
  }

  focus() {
    this.#roving.stops.find((stop) => stop.tabIndex === 0)?.focus();
  }

  /** @param {Group} group */
  #draw(group) {
    // The name of the room may come to be known later.
    const drawn = JSON.stringify([group, group.items.map((item) => this.#options.placeOf?.(item))]);
    const held = this.#lines.get(group.key);
    if (held?.drawn === drawn) return held.element;
    const element = inboxItem(group, this.#options, this.#unfolded.has(group.key), (isUnfolded) => {
      if (isUnfolded) this.#unfolded.add(group.key);
      else this.#unfolded.delete(group.key);
      this.#roving.settle();
    });
    this.#lines.set(group.key, { element, drawn });
    return element;
  }

  #forget() {
    const kept = new Set(this.#groups.map(({ key }) => key));
    for (const key of this.#lines.keys()) if (!kept.has(key)) this.#lines.delete(key);
    for (const key of this.#unfolded) if (!kept.has(key)) this.#unfolded.delete(key);
  }

  /** The line's own stop, also where a button of it has the focus. @returns {HTMLElement | null} */
  #focused() {
    const active = document.activeElement;
    if (!(active instanceof HTMLElement) || !this.#list.contains(active)) return null;
    return active.closest(".inbox-item")?.querySelector(".inbox-item-link") ?? null;
  }

  /** @param {string | null | undefined} key @param {number} before its place when it was there */
  #refocus(key, before) {
    if (document.activeElement && this.#list.contains(document.activeElement)) return;
    const { stops } = this.#roving;
    const same = stops.find(
      (stop) => stop.closest(".inbox-item")?.getAttribute("data-key") === key,
    );
    (same ?? stops[Math.min(before, stops.length - 1)])?.focus();
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const target = /** @type {HTMLElement} */ (event.target);
    const note = target.closest(".inbox-item");
    if (!note) return;
    const buttons = [...note.querySelectorAll(":scope > .inbox-item-actions button")].map(
      (button) => /** @type {HTMLElement} */ (button),
    );
    const steps = [/** @type {HTMLElement} */ (note.querySelector(".inbox-item-link")), ...buttons];
    const at = steps.indexOf(target);
    if (event.key === "ArrowRight") steps[Math.min(at + 1, steps.length - 1)]?.focus();
    else if (event.key === "ArrowLeft") steps[Math.max(at - 1, 0)]?.focus();
    else if (event.key === "Delete") buttons[buttons.length - 1]?.click();
    else return;
    event.preventDefault();
  }
}
