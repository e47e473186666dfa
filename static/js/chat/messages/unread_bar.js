/** The bar over the messages that tells how many are unread above, and leads to the first of them. */
import { t, tn } from "../../core/i18n.js";
import { el, icon, iconButton } from "../../core/ui/dom.js";

export class UnreadBar {
  /** @param {HTMLElement} scroller it stands before this
   * @param {{ onJump: () => void, onDismiss: () => void }} actions */
  constructor(scroller, { onJump, onDismiss }) {
    this.#words = el("span");
    this.#bar = el(
      "div.unread-bar",
      { hidden: true },
      el(
        "button.unread-jump",
        { type: "button", onclick: onJump },
        icon("up", "small"),
        this.#words,
        el("span.unread-action", t("Jump")),
      ),
      iconButton("close", t("Mark as seen"), onDismiss),
    );
    scroller.before(this.#bar);
  }

  #bar;
  #words;

  /** @param {{ count: number, since: string } | null} unread `since` is a time of day or a day; null hides the bar */
  show(unread) {
    this.#bar.hidden = unread === null;
    if (!unread) return;
    const { count, since } = unread;
    this.#words.textContent = since
      ? tn("{n} new since {since}", "{n} new since {since}", count, { since })
      : tn("{n} new message", "{n} new messages", count);
  }
}
