/**
 * A small set of emoji to react with. Arrow keys move, Enter chooses, Escape closes.
 */
import { t } from "../../core/i18n.js";
import { el } from "../../core/ui/dom.js";

const COLUMNS = 6;

/** The most common reactions, with the names that a screen reader speaks. */
const CHOICES = /** @type {const} */ ([
  ["👍", t("thumbs up")],
  ["❤️", t("heart")],
  ["😂", t("laughing")],
  ["🎉", t("celebrate")],
  ["👀", t("looking")],
  ["🙏", t("thank you")],
  ["✅", t("done")],
  ["🚀", t("off it goes")],
  ["🤔", t("thinking")],
  ["😮", t("surprised")],
  ["😢", t("sad")],
  ["👎", t("thumbs down")],
  ["🔥", t("fire")],
  ["💯", t("hundred")],
  ["👏", t("applause")],
  ["💡", t("idea")],
  ["☕", t("coffee")],
  ["🐛", t("bug")],
]);

export class EmojiPicker {
  /** @param {(emoji: string) => void} onPick */
  constructor(onPick) {
    this.onPick = onPick;
    this.panel = el("div.picker", { role: "group", "aria-label": t("Choose a reaction") });
    for (const [emoji, name] of CHOICES) this.panel.append(this.#choice(emoji, name));
    this.panel.addEventListener("keydown", (event) => this.#press(event));
    document.addEventListener("pointerdown", (event) => this.#pressedElsewhere(event));
  }

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
    bar.append(this.panel);
    const list = bar.closest(".messages-scroll")?.getBoundingClientRect();
    const below = (list?.bottom ?? innerHeight) - bar.getBoundingClientRect().bottom;
    this.panel.classList.toggle("above", below < this.panel.offsetHeight + 12);
    this.#buttons[0]?.focus({ preventScroll: true });
  }

  close() {
    this.panel.remove();
  }

  /** @param {string} emoji @param {string} name */
  #choice(emoji, name) {
    const onclick = () => {
      // First: closing drops the focus, and with it the message that is meant.
      this.onPick(emoji);
      this.close();
    };
    return el("button", { type: "button", title: name, "aria-label": name, onclick }, emoji);
  }

  /** @returns {HTMLElement[]} */
  get #buttons() {
    return [...this.panel.querySelectorAll("button")];
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
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
    if (bar && event.target instanceof Node && !bar.contains(event.target)) this.close();
  }
}
