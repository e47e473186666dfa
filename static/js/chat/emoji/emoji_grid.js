/** The emoji in their groups: one tab stop, arrow keys in rows and columns, a line about the one in focus. */
import { el } from "../../core/ui/dom.js";

/** @typedef {{ symbol: string, name: string, code: string }} Shown */
/** @typedef {{ title: string, emoji: Shown[] }} Section */

export class EmojiGrid {
  element = el("div.emoji-sections");
  preview = el("p.emoji-preview", { "aria-hidden": "true" });

  /**
   * @param {object} options
   * @param {(emoji: { symbol: string, name: string }) => void} options.onPick
   * @param {() => void} options.onLeave up from the first row, or a letter: to the search
   */
  constructor({ onPick, onLeave }) {
    this.#onLeave = onLeave;
    const { element } = this;
    element.addEventListener("click", ({ target }) => {
      const button = buttonOf(target);
      if (button) onPick({ symbol: button.textContent ?? "", name: button.title });
    });
    element.addEventListener("keydown", (event) => this.#press(event));
    element.addEventListener("focusin", ({ target }) => this.#tell(buttonOf(target)));
    element.addEventListener("pointerover", ({ target }) => this.#tell(buttonOf(target)));
  }

  #onLeave;

  /** @param {Section[]} sections */
  show(sections) {
    this.element.replaceChildren(
      ...sections.map(({ title, emoji }) =>
        el(
          "section.emoji-section",
          { "aria-label": title, "data-title": title },
          el("h3", title),
          el("div.emoji-grid", ...emoji.map(button)),
        ),
      ),
    );
    this.element.scrollTop = 0;
    const [first] = this.#buttons;
    if (first) first.tabIndex = 0;
    this.#tell(null);
  }

  /** A sentence in place of emoji. @param {string} text */
  say(text) {
    this.element.replaceChildren(el("p.muted", text));
    this.#tell(null);
  }

  /** @param {string} title of a section */
  goTo(title) {
    const section = this.element.querySelector(`[data-title="${CSS.escape(title)}"]`);
    section?.scrollIntoView({ block: "start" });
    const first = section?.querySelector("button");
    if (first) this.#focus(first);
  }

  focusFirst() {
    const [first] = this.#buttons;
    if (first) this.#focus(first);
  }

  pickFirst() {
    this.#buttons[0]?.click();
  }

  /** @returns {HTMLButtonElement[]} */
  get #buttons() {
    return [...this.element.querySelectorAll("button")];
  }

  /** @param {HTMLButtonElement} button */
  #focus(button) {
    for (const held of this.element.querySelectorAll('[tabindex="0"]'))
      held.setAttribute("tabindex", "-1");
    button.tabIndex = 0;
    button.focus({ preventScroll: true });
    button.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLButtonElement | null} button */
  #tell(button) {
    const { code = "" } = button?.dataset ?? {};
    if (!button) return this.preview.replaceChildren();
    this.preview.replaceChildren(
      el("span", button.textContent ?? ""),
      el("b", button.title),
      code && el("span.muted", `:${code}:`),
    );
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const button = buttonOf(event.target);
    if (!button || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key.length === 1 && event.key !== " ") return this.#onLeave();
    const all = this.#buttons;
    const index = all.indexOf(button);
    /** @type {HTMLButtonElement | undefined} */
    let next;
    if (event.key === "ArrowRight") next = all[index + 1];
    else if (event.key === "ArrowLeft") next = all[index - 1];
    else if (event.key === "ArrowDown") next = below(all.slice(index + 1), button);
    else if (event.key === "ArrowUp") next = below(all.slice(0, index).reverse(), button);
    else if (event.key === "Home") next = all[0];
    else if (event.key === "End") next = all.at(-1);
    else return;
    event.preventDefault();
    if (next) this.#focus(next);
    else if (event.key === "ArrowUp") this.#onLeave();
  }
}

/**
 * The nearest in the next row, in the order of looking; rows differ in length.
 * @param {HTMLButtonElement[]} others @param {HTMLButtonElement} from
 */
function below(others, from) {
  const { offsetLeft: left } = from;
  const row = others.find(({ offsetTop }) => offsetTop !== from.offsetTop)?.offsetTop;
  const inRow = others.filter(({ offsetTop }) => offsetTop === row);
  const away = (/** @type {HTMLElement} */ each) => Math.abs(each.offsetLeft - left);
  return inRow.sort((a, b) => away(a) - away(b))[0];
}

/** @param {Shown} shown */
function button({ symbol, name, code }) {
  return el(
    "button",
    { type: "button", tabindex: -1, title: name, "aria-label": name, "data-code": code },
    symbol,
  );
}

/** @param {EventTarget | null} target @returns {HTMLButtonElement | null} */
function buttonOf(target) {
  const found = target instanceof Element ? target.closest("button") : null;
  return found instanceof HTMLButtonElement ? found : null;
}
