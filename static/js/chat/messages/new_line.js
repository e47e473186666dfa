/** Where the New line stands: before the first message after a seq that counts as unread. No DOM. */
import { isCountable } from "./countable.js";

/** @import { Message } from "../types.d.ts" */

export class NewLine {
  /** null: there is none. @type {number | null} */
  after = null;
  /** A message arrived since the window lost the focus. */
  #isAway = false;

  /**
   * Messages came that were not there before.
   * @param {Message[]} news in seq order
   * @param {{ me: string, hasFocus: boolean, isAtBottom: boolean }} reader
   */
  arrived(news, { me, hasFocus, isAtBottom }) {
    const first = news.find((message) => isCountable(message, me));
    if (!first) return;
    const hasLeft = !hasFocus && !this.#isAway;
    if (hasLeft || (!isAtBottom && this.after === null)) this.after = first.seq - 1;
    this.#isAway = !hasFocus;
  }

  /** The reader has the window in front of them again. */
  returned() {
    this.#isAway = false;
  }

  /**
   * The seq after which it is drawn. Where older unread messages are not held, the first of these is
   * not the first unread one: then there is none.
   * @param {number} floor of what is held
   */
  drawnAfter(floor) {
    return this.after !== null && floor <= this.after ? this.after : null;
  }
}
