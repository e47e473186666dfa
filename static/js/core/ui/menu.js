/**
 * A small menu that hangs on a button: arrow keys, Escape, a press elsewhere closes it.
 */
import { el, icon } from "./dom.js";
import { nextIndex } from "./roving_focus.js";

/** @typedef {{ icon?: string, label: string, danger?: boolean, run: () => void }} Choice */

/** @type {(() => void) | null} */
let closeOpen = null;

/** @param {HTMLElement} button @param {Choice[]} choices */
export function openMenu(button, choices) {
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
  place(menu, button);
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
  return el(
    "button",
    { type: "button", role: "menuitem", tabindex: -1, class: kind, onclick },
    choice.icon ? icon(choice.icon, "small") : null,
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
 * @param {HTMLElement} button
 */
function place(menu, button) {
  const at = button.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = menu;
  const top = at.bottom + height + 8 > innerHeight ? at.top - height - 4 : at.bottom + 4;
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  menu.style.setProperty("top", `${top}px`);
  menu.style.setProperty("left", `${left}px`);
}
