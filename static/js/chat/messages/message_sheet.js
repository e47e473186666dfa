/**
 * The sheet that a long press on a message opens, at the bottom of the screen, with the emoji that this
 * person reacts with most and everything that is done with the message. A choice, a tap beside it, a swipe down or Escape closes it.
 */
import { t } from "../../core/i18n.js";
import { el, icon, iconButton } from "../../core/ui/dom.js";
import { onSwipe } from "../../core/ui/swipe.js";

/** @import { Choice } from "../../core/ui/menu.js" */
/** @import { Draw } from "../../core/ui/swipe.js" */
/** @import { EmojiKit } from "../emoji/emoji.js" */

/** With the button for all others they fill one line of a phone. */
const MOST = 6;

/**
 * @param {object} parts
 * @param {Choice[]} parts.choices
 * @param {EmojiKit} parts.emoji
 * @param {((emoji: string) => void) | null} parts.onReact null where one can't react
 * @param {() => void} parts.onMore asks for all emoji
 * @returns {Promise<void>} when it is closed
 */
export function openMessageSheet({ choices, emoji, onReact, onMore }) {
  const sheet = el("dialog.sheet", { "aria-label": t("Message actions") });
  const close = () => sheet.close();
  const use = (/** @type {() => void} */ run) => () => {
    close();
    run();
  };
  sheet.append(
    el("div.sheet-grip", { "aria-hidden": "true" }),
    ...(onReact ? [reactions(emoji, onReact, onMore, use)] : []),
    el("ul.sheet-choices", ...choices.map((choice) => row(choice, use))),
  );
  const closed = new Promise((/** @type {(value: void) => void} */ resolve) => {
    sheet.addEventListener("close", () => {
      sheet.remove();
      resolve();
    });
  });
  sheet.addEventListener("pointerdown", (event) => {
    if (event.target === sheet && event.clientY < sheet.getBoundingClientRect().top) close();
  });
  takeOnlyOwnPresses(sheet);
  onSwipe(sheet, () => (isWhole(sheet) ? drawnDown(sheet, close) : null));
  document.body.append(sheet);
  sheet.showModal();
  sheet.classList.toggle("is-whole", isWhole(sheet));
  return closed;
}

/** The finger that opened the sheet rests where a choice may be now; leaving there it chooses nothing. @param {HTMLElement} sheet */
function takeOnlyOwnPresses(sheet) {
  let isPressed = false;
  sheet.addEventListener("pointerdown", () => {
    isPressed = true;
  });
  const swallow = (/** @type {MouseEvent} */ event) => {
    // A key, or a screen reader, presses without a pointer.
    if (isPressed || event.detail === 0) return;
    event.preventDefault();
    event.stopPropagation();
  };
  sheet.addEventListener("click", swallow, { capture: true });
}

/** Whether it has nothing to scroll, so that a finger may draw it down. @param {HTMLElement} sheet */
function isWhole(sheet) {
  return sheet.scrollHeight <= sheet.clientHeight;
}

/** @param {HTMLElement} sheet @param {() => void} close @returns {Draw} */
function drawnDown(sheet, close) {
  return {
    axis: "y",
    direction: 1,
    length: sheet.offsetHeight,
    moved: (by) => sheet.style.setProperty("transform", `translateY(${by}px)`),
    ended: (isDone) => {
      sheet.style.removeProperty("transform");
      if (isDone) close();
    },
  };
}

/**
 * @param {EmojiKit} emoji
 * @param {(emoji: string) => void} onReact
 * @param {() => void} onMore
 * @param {(run: () => void) => () => void} use
 */
function reactions(emoji, onReact, onMore, use) {
  const pick = (/** @type {string} */ symbol) => {
    emoji.use.note(symbol);
    onReact(symbol);
  };
  const buttons = emoji.use.top(MOST).map(({ symbol, name }) => {
    const onclick = use(() => pick(symbol));
    return el("button.emoji", { type: "button", title: name, "aria-label": name, onclick }, symbol);
  });
  const more = iconButton("plus", t("More emoji"), use(onMore));
  more.setAttribute("aria-haspopup", "dialog");
  const label = t("Choose a reaction");
  return el("div.sheet-reactions", { role: "group", "aria-label": label }, ...buttons, more);
}

/** @param {Choice} choice @param {(run: () => void) => () => void} use */
function row({ icon: name, label, danger, run }, use) {
  const button = el(
    "button",
    { type: "button", class: danger ? "danger" : null, onclick: use(run) },
    name && icon(name),
    label,
  );
  return el("li", button);
}
