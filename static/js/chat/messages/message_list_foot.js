/** The foot of the messages: who has seen the last one, and the way back to the newest. */

import { orUndefined } from "../../core/errors.js";
import { t, tn } from "../../core/i18n.js";
import { el, part } from "../../core/ui/dom.js";
import { firstName, namesInLine } from "../../core/ui/format.js";
import { countAfter } from "./countable.js";
import { readersBut, seenBy } from "./message_rows.js";

/** @import { Message, Readers } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

export class MessageListFoot {
  /** The highest seq that the reader has had before their eyes. */
  #lastVisible = 0;
  /** Those who had read a message when the server was asked. @type {(Readers & { id: string }) | null} */
  #readers = null;

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
    const last = items.at(-1);
    if (isSent && room.people.isLarge && last && !last.system && !last.deleted)
      return this.#showReaders(last);
    const names = isSent ? seenBy(last, room.reads, room.members, me.id) : [];
    paintSeenBy(this.#seen, names, isDirect);
  }

  /** In a large room the server tells when it is asked. @param {Message} last */
  #showReaders(last) {
    const { me } = this.#view;
    if (this.#readers?.id === last.id) {
      const { names, more } = readersBut(this.#readers, [me.id, last.by?.id]);
      paintSeenBy(this.#seen, names, false, more);
      if (names.length) return;
    }
    if (this.#seen.querySelector("button")?.dataset.of === last.id) return;
    const onclick = () => this.#askReaders(last);
    const asking = { type: "button", "data-of": last.id, onclick };
    this.#seen.replaceChildren(el("button.text-button", asking, t("Seen by…")));
    this.#seen.title = "";
  }

  /** @param {Message} last */
  async #askReaders(last) {
    const asked = this.#view.options.onReaders?.(last);
    const answer = asked && (await orUndefined(asked));
    if (!answer || this.#view.items.at(-1)?.id !== last.id) return;
    this.#readers = { ...answer, id: last.id };
    this.#showReaders(last);
    const button = this.#seen.querySelector("button");
    if (button) button.textContent = t("Not seen by others yet");
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

/** @param {HTMLElement} line @param {string[]} names @param {boolean} isDirect @param {number} more without a name */
function paintSeenBy(line, names, isDirect, more = 0) {
  const who = namesInLine(names.map(firstName), 3, more);
  const sentence = isDirect ? t("seen") : t("seen by {names}", { names: who });
  line.textContent = names.length ? sentence : "";
  line.title = names.length ? t("Seen by {names}", { names: namesInLine(names, 99, more) }) : "";
}
