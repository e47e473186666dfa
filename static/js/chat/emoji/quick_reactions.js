/**
 * The emoji that this person reacts with most, in a row on the toolbar of a message, and the way to all
 * others. Arrow keys move, Enter chooses, Escape closes.
 */
import { t } from "../../core/i18n.js";
import { el, iconButton } from "../../core/ui/dom.js";

/** @import { EmojiKit } from "./emoji.js" */

const MOST = 8;
const STEPS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

export class QuickReactions {
  /**
   * @param {EmojiKit} emoji
   * @param {(emoji: string) => void} onPick
   * @param {() => (emoji: string | null) => void} onMore gives the use of a choice out of all: when it
   *   comes, the row may have gone
   */
  constructor(emoji, onPick, onMore) {
    this.#emoji = emoji;
    this.#onPick = onPick;
    this.#onMore = onMore;
    this.panel = el("div.picker", { role: "group", "aria-label": t("Choose a reaction") });
    this.panel.addEventListener("keydown", (event) => this.#press(event));
    document.addEventListener("pointerdown", (event) => this.#pressedElsewhere(event));
  }

  #emoji;
  #onPick;
  #onMore;

  get isOpen() {
    return this.panel.isConnected;
  }

  /** @param {HTMLElement} bar The toolbar it hangs on. */
  toggle(bar) {
    if (this.isOpen) this.close();
    else this.open(bar);
  }

  /** @param {HTMLElement} bar */
  open(bar) {
    const more = iconButton("plus", t("More emoji"), () => this.#all());
    more.setAttribute("aria-haspopup", "dialog");
    this.panel.replaceChildren(
      ...this.#emoji.use.top(MOST).map((each) => this.#choice(each)),
      more,
    );
    bar.append(this.panel);
    const list = bar.closest(".messages-scroll")?.getBoundingClientRect();
    const below = (list?.bottom ?? innerHeight) - bar.getBoundingClientRect().bottom;
    this.panel.classList.toggle("above", below < this.panel.offsetHeight + 12);
    this.#buttons[0]?.focus({ preventScroll: true });
  }

  close() {
    this.panel.remove();
  }

  /** @param {{ symbol: string, name: string }} choice */
  #choice({ symbol, name }) {
    const onclick = () => {
      this.#emoji.use.note(symbol);
      // First: closing drops the focus, and with it the message that is meant.
      this.#onPick(symbol);
      this.close();
    };
    return el("button", { type: "button", title: name, "aria-label": name, onclick }, symbol);
  }

  async #all() {
    const react = this.#onMore();
    const anchor = this.panel.parentElement ?? this.panel;
    const picked = await this.#emoji.pick(anchor);
    this.close();
    react(picked?.symbol ?? null);
  }

  /** @returns {HTMLElement[]} */
  get #buttons() {
    return [...this.panel.querySelectorAll("button")];
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const step = STEPS[/** @type {keyof typeof STEPS} */ (event.key)];
    if (event.key === "Escape") this.#leave();
    else if (step) this.#move(step);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  #leave() {
    const back = this.panel.parentElement?.querySelector("button");
    back?.focus();
    this.close();
  }

  /** @param {number} step */
  #move(step) {
    const buttons = this.#buttons;
    const index = buttons.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
    buttons[(index + step + buttons.length) % buttons.length]?.focus();
  }

  /** @param {PointerEvent} event */
  #pressedElsewhere(event) {
    const bar = this.panel.parentElement;
    const isInDialog = event.target instanceof Element && event.target.closest("dialog");
    if (isInDialog || !bar || !(event.target instanceof Node)) return;
    if (!bar.contains(event.target)) this.close();
  }
}
