/**
 * The conversation by keyboard: arrows move between messages, letters act on the one in focus.
 */
import { part } from "../../core/ui/dom.js";
import { RovingFocus } from "../../core/ui/roving_focus.js";
import { messageAround } from "./message_toolbar.js";

/** @import { MessageListView } from "./message_list_view.js" */
/** @import { Message } from "../types.d.ts" */

export class MessageKeys {
  /** @param {HTMLElement} list @param {MessageListView} view */
  constructor(list, view) {
    this.list = list;
    this.view = view;
    this.roving = new RovingFocus(list, ".message");
    list.addEventListener("keydown", (event) => this.#press(event));
  }

  /** The tab stop is the newest message, unless the focus is already further up. */
  settle() {
    this.roving.settle(this.last());
  }

  last() {
    return this.roving.stops.pop() ?? null;
  }

  /** @param {KeyboardEvent} event */
  #openMenu(event) {
    const element = messageAround(event.target);
    if (!element || event.target !== element) return;
    event.preventDefault();
    this.view.toolbar.menu(element);
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "ContextMenu" || (event.key === "F10" && event.shiftKey))
      return this.#openMenu(event);
    if (event.key === "Escape") return this.view.options.onEscape?.();
    const element = messageAround(event.target);
    if (!element || event.target !== element) return;
    const message = this.view.find(element.dataset.id ?? "");
    if (
      message &&
      !message.deleted &&
      !this.view.isReadOnly &&
      this.#act(event.key, message, element)
    )
      event.preventDefault();
  }

  /**
   * @param {string} key
   * @param {Message} message
   * @param {HTMLElement} element
   * @returns {boolean} Whether the key meant something.
   */
  #act(key, message, element) {
    const { toolbar, options } = this.view;
    if (key === "p") part(element, "author").click();
    else if (key === "r") options.onReply?.(message);
    else if (key === "+" || key === "Enter") toolbar.pick(element);
    else if (key === "e" && toolbar.canEdit(message)) options.onEdit?.(message);
    else if (key === "Delete" && toolbar.canDelete(message)) toolbar.remove(message);
    else return false;
    return true;
  }
}
