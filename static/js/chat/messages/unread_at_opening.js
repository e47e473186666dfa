/** The messages that were unread when the room was opened, until the reader has seen the first of them. */
import { orUndefined } from "../../core/errors.js";
import { isCountable } from "./countable.js";
import { UnreadBar } from "./unread_bar.js";

/** @import { ChatState } from "../chat_state.js" */
/** @import { OpenRoom } from "../rooms/open_room.js" */
/** @import { Message } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

const ALL = Number.MAX_SAFE_INTEGER;
/** So many messages after the last read one are looked at for the first that counts. */
const LOOKED_AT = 20;

export class UnreadAtOpening {
  /** @type {{ after: number, count: number, since: string } | null} */
  #unread = null;

  /** @param {ChatState} chat @param {MessageListView} view @param {() => void} onJump to the first of them */
  constructor(chat, view, onJump) {
    this.#chat = chat;
    this.#view = view;
    this.#bar = new UnreadBar(view.scroller, { onJump, onDismiss: () => this.forget() });
  }

  #chat;
  #view;
  #bar;

  /** They stand after this seq; undefined where there are none. @returns {number | undefined} */
  get after() {
    return this.#unread?.after;
  }

  forget() {
    this.#unread = null;
    this.#bar.show(null);
  }

  /** @param {OpenRoom} room */
  note({ room }) {
    const { last_read: after = 0, unread: count = 0 } = this.#chat.rooms.find(room.id) ?? {};
    // Where nothing was read, a New line would say nothing.
    this.#unread = count > 0 && after > 0 ? { after, count, since: "" } : null;
    if (this.#unread) this.#view.markNew(after);
  }

  /** Whether the part that is held has the first of them, or will once the room is live. @param {OpenRoom} room */
  isHeld({ stream }) {
    const after = this.after ?? 0;
    return stream.floor <= after && (stream.reachesEnd || stream.ceiling > after);
  }

  /** Fills in since when there are unread messages. @param {OpenRoom} room */
  async tellSince(room) {
    const unread = this.#unread;
    if (!unread) return;
    const first = await this.#firstAfter(room, unread.after);
    if (first) this.#unread = { ...unread, since: this.#view.calendar.since(first.at) };
    this.moved();
  }

  /** @param {OpenRoom} room @param {number} after @returns {Promise<Message | undefined>} */
  async #firstAfter({ room, stream }, after) {
    const counts = (/** @type {Message} */ message) =>
      message.seq > after && isCountable(message, this.#chat.me.id);
    if (stream.floor <= after) return stream.ordered().find(counts);
    const asked = { room: room.id, after, before: ALL, limit: LOOKED_AT };
    const page = await orUndefined(this.#chat.request("room:history", asked));
    return page?.items.find(counts);
  }

  /** The reader scrolled, or messages were drawn. */
  moved() {
    const { isReading } = this.#view;
    const place = this.#unread && this.#view.placeOfNewLine();
    if (place === "within" && isReading) this.forget();
    else this.#bar.show(place === "above" && isReading ? this.#unread : null);
  }
}
