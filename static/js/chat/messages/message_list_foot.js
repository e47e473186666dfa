/** The foot of the messages: who has seen the last one, and the way back to the newest. */
import { t, tn } from "../../core/i18n.js";
import { part } from "../../core/ui/dom.js";
import { firstName, namesInLine } from "../../core/ui/format.js";
import { countAfter } from "./countable.js";
import { seenBy } from "./message_rows.js";

/** @import { MessageListView } from "./message_list_view.js" */

export class MessageListFoot {
  /** The highest seq that the reader has had before their eyes. */
  #lastVisible = 0;

  /** @param {HTMLElement} root @param {MessageListView} view */
  constructor(root, view) {
    this.#view = view;
    this.#seen = part(root, "seen");
    this.#latest = part(root, "latest");
    this.#latest.addEventListener("click", () => view.options.onLatest?.());
  }

  #view;
  #seen;
  #latest;

  /** Another room is shown. */
  opened() {
    this.#lastVisible = 0;
  }

  /** Tell what is before the reader's eyes, where that is news. */
  tellVisible() {
    const seq = this.#view.place.lastSeen();
    if (seq <= this.#lastVisible) return;
    this.#lastVisible = seq;
    this.#view.options.onVisible?.(seq);
  }

  /** Show who has read the last message. @param {boolean} isDirect in a room of two */
  showSeen(isDirect) {
    const { room, pending, items, me } = this.#view;
    const isSent = room !== null && !room.hasNewer && pending.length === 0;
    const names = isSent ? seenBy(items.at(-1), room.reads, room.members, me.id) : [];
    paintSeenBy(this.#seen, names, isDirect);
  }

  showLatest() {
    const isHidden = this.#view.place.isAtBottom || this.#view.items.length === 0;
    paintLatest(this.#latest, { isHidden, count: isHidden ? 0 : this.#countUnseen() });
  }

  /** How many unread messages are below what the reader has seen. */
  #countUnseen() {
    const { room, options, items, me } = this.#view;
    if (!room) return 0;
    if (room.hasNewer) return options.unread?.(room.room.id) ?? 0;
    return countAfter(items, Math.max(this.#lastVisible, room.last_read), me.id);
  }
}

/**
 * @param {HTMLElement} button
 * @param {{ isHidden: boolean, count: number }} shown `count`: how many are unread down there
 */
function paintLatest(button, { isHidden, count }) {
  button.hidden = isHidden;
  if (isHidden) return;
  button.classList.toggle("has-new", count > 0);
  const label = /** @type {HTMLElement} */ (button.querySelector("span"));
  label.textContent = count ? tn("{n} new message", "{n} new messages", count) : t("Latest");
}

/** @param {HTMLElement} line @param {string[]} names @param {boolean} isDirect */
function paintSeenBy(line, names, isDirect) {
  const who = namesInLine(names.map(firstName));
  const sentence = isDirect ? t("seen") : t("seen by {names}", { names: who });
  line.textContent = names.length ? sentence : "";
  line.title = names.length ? t("Seen by {names}", { names: namesInLine(names, 99) }) : "";
}
