/**
 * A small menu that hangs on a button: arrow keys, Escape, a press elsewhere closes it.
 */
import { el, icon } from "./dom.js";
import { nextIndex } from "./roving_focus.js";

/**
 * @typedef {object} Choice
 * @property {string} [icon]
 * @property {string} label
 * @property {boolean} [danger]
 * @property {boolean} [isChecked] one of several, of which one is chosen
 * @property {() => void} run
 */

/** @type {(() => void) | null} */
let closeOpen = null;

/**
 * @param {HTMLElement} button
 * @param {Choice[]} choices
 * @param {{ x: number, y: number } | null} [at] where it was pressed; else it hangs on the button
 */
export function openMenu(button, choices, at = null) {
  closeOpen?.();
  const menu = el("div.menu", { role: "menu" });
  const close = (returnsFocus = true) => {
    document.removeEventListener("pointerdown", pressed);
    menu.remove();
    button.setAttribute("aria-expanded", "false");
    closeOpen = null;
    if (returnsFocus) button.focus();
  };
  const pressed = (/** @type {PointerEvent} */ event) => {
    if (!(event.target instanceof Node) || menu.contains(event.target)) return;
    close(false);
  };
  menu.append(...choices.map((choice) => row(choice, close)));
  menu.addEventListener("keydown", (event) => walk(event, menu, close));
  (button.closest("[role=dialog], nav, main, aside") ?? document.body).append(menu);
  button.setAttribute("aria-expanded", "true");
  place(menu, at ? new DOMRect(at.x, at.y, 0, 0) : button.getBoundingClientRect());
  closeOpen = () => close(false);
  setTimeout(() => document.addEventListener("pointerdown", pressed));
  menu.querySelector("button")?.focus();
}

/** @param {Choice} choice @param {() => void} close */
function row(choice, close) {
  const onclick = () => {
    close();
    choice.run();
  };
  const kind = choice.danger ? "danger" : null;
  const isOneOf = choice.isChecked !== undefined;
  const mark = choice.isChecked ? "check" : choice.icon;
  return el(
    "button",
    {
      type: "button",
      role: isOneOf ? "menuitemradio" : "menuitem",
      "aria-checked": isOneOf ? String(choice.isChecked) : null,
      tabindex: -1,
      class: kind,
      onclick,
    },
    mark ? icon(mark, "small") : isOneOf && el("span.icon.small"),
    choice.label,
  );
}

/** @param {KeyboardEvent} event @param {HTMLElement} menu @param {() => void} close */
function walk(event, menu, close) {
  if (event.key === "Escape" || event.key === "Tab") {
    event.preventDefault();
    event.stopPropagation();
    return close();
  }
  const rows = [...menu.querySelectorAll("button")];
  const index = rows.indexOf(/** @type {HTMLButtonElement} */ (document.activeElement));
  const next = nextIndex(event.key, index, rows.length);
  if (next === null) return;
  event.preventDefault();
  event.stopPropagation();
  rows[next]?.focus();
}

/**
 * Under the button, or over it where there is no room, and always within the window.
 * @param {HTMLElement} menu
 * @param {DOMRect} at
 */
function place(menu, at) {
  const { offsetWidth: width, offsetHeight: height } = menu;
  const top = at.bottom + height + 8 > innerHeight ? at.top - height - 4 : at.bottom + 4;
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  menu.style.setProperty("top", `${top}px`);
  menu.style.setProperty("left", `${left}px`);
}
