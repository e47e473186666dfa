/**
 * A name that is cut off with an ellipsis shows whole as a tooltip, wherever it stands: pointing at it,
 * or moving the focus there, sets its `title`. Screen readers read the whole text anyway.
 */

/** Elements whose `title` was set here, and may be changed. @type {WeakSet<HTMLElement>} */
const told = new WeakSet();

/** @param {Document} page */
export function showWholeNames(page) {
  for (const sign of ["pointerover", "focusin"])
    page.addEventListener(sign, ({ target }) => target instanceof HTMLElement && tell(target), {
      passive: true,
    });
}

/** @param {HTMLElement} target */
function tell(target) {
  const within = target.matches("a, button, label, [role=option]")
    ? [target, ...target.querySelectorAll("*")]
    : [target];
  for (const element of within) if (element instanceof HTMLElement) show(element);
}

/** @param {HTMLElement} element */
function show(element) {
  if (element.title && !told.has(element)) return;
  if (isCut(element)) {
    told.add(element);
    element.title = element.textContent?.trim() ?? "";
  } else if (told.has(element)) element.removeAttribute("title");
}

/** @param {HTMLElement} element */
function isCut(element) {
  if (element.scrollWidth <= element.clientWidth) return false;
  return getComputedStyle(element).textOverflow === "ellipsis";
}
