/**
 * Characters that are typed outside of any field go into the composer. The key itself is left to the
 * browser: it writes into the element that has the focus by then.
 */
import { IS_MAC } from "../../core/ui/device.js";
import { isComposing, isPasted, isTyped } from "../../core/ui/keys.js";
import { FIELDS, HELP } from "../../core/ui/shortcuts.js";

/** Elements that a space presses. */
const PRESSED = 'a, button, summary, [role="button"], [role="option"], [role="slider"]';

/**
 * @param {Document} page
 * @param {() => boolean} take gives the composer the focus, if something can be written there
 */
export function typeAnywhere(page, take) {
  const listen = (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    if (!isTyped(event, IS_MAC) && !isPasted(event, IS_MAC)) return;
    if (page.querySelector("dialog[open]") || !isFree(event)) return;
    if (take()) event.stopPropagation();
  };
  // The message that has the focus by a click: its letters are no shortcuts. `:focus-visible` does not
  // tell, as it becomes true with the key press itself.
  /** @type {EventTarget | null} */
  let clicked = null;
  page.addEventListener("pointerdown", ({ target }) => {
    clicked = target instanceof Element ? target.closest(".message") : null;
  });
  page.addEventListener("focusin", ({ target }) => {
    if (target !== clicked) clicked = null;
  });
  const first = (/** @type {KeyboardEvent} */ event) => event.target === clicked && listen(event);
  page.addEventListener("keydown", first, true);
  page.defaultView?.addEventListener("keydown", listen);
}

/** @param {KeyboardEvent} event */
function isFree({ key, target }) {
  if (!(target instanceof Element)) return true;
  if (target.closest(FIELDS) || key === HELP) return false;
  return key !== " " || !target.closest(PRESSED);
}
