/** Remembers what the reader has unfolded: long messages, and lines about people who came and went. */

import { part } from "../../core/ui/dom.js";
import { listenForFolds, paintFold } from "./message_content.js";

/** @import { Message } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

const MOST = 1_000;

export class Folds {
  /** Ids of messages, the first opened first. @type {Set<string>} */
  #open = new Set();

  /** @param {HTMLElement} list @param {MessageListView} view */
  constructor(list, view) {
    this.#view = view;
    listenForFolds(list, (element, isOpen) => this.#toggle(element, isOpen));
  }

  #view;

  /** @param {string} key */
  isOpen(key) {
    return this.#open.has(key);
  }

  /** Show the lines that are folded into one, or only that one. @param {Message[]} lines @param {boolean} isOpen */
  unfold(lines, isOpen) {
    for (const { id } of lines) this.#mark(id, isOpen);
    this.#view.redrawInPlace();
    this.#view.elements
      .foldOf(lines[0]?.id ?? "")
      ?.querySelector("button")
      ?.focus();
  }

  /** @param {string} key @param {boolean} isOpen */
  #mark(key, isOpen) {
    this.#open.delete(key);
    if (isOpen) this.#open.add(key);
    const [oldest] = this.#open;
    if (this.#open.size > MOST && oldest !== undefined) this.#open.delete(oldest);
  }

  /** @param {HTMLElement} element of a message @param {boolean} isOpen */
  #toggle(element, isOpen) {
    const { place } = this.#view;
    const key = element.dataset.id ?? element.dataset.clientId ?? "";
    const pending = this.#view.pending.find(({ client_id }) => client_id === key);
    const text = this.#view.find(key)?.text ?? pending?.text ?? "";
    this.#mark(key, isOpen);
    place.keep(() => paintFold(part(element, "content"), { text, isOpen }));
    if (!isOpen && place.where(element) === "above") place.toElement(element);
  }
}
