/**
 * Rooms are dragged to another place in their section, into the favourites or out of them. By keyboard
 * Ctrl+Shift with an arrow moves the room that has the focus.
 */

/** @import { SectionName } from "./room_sections.js" */

/** @typedef {{ room: string, section: SectionName, before: string | null }} Move `before`: an id, null for the end */

const LINK = ".room-link";

/**
 * @param {HTMLElement} lists
 * @param {object} options
 * @param {(move: Move) => void} options.onMove
 * @param {(room: string, step: 1 | -1) => void} options.onStep
 */
export function makeOrderable(lists, { onMove, onStep }) {
  /** @type {HTMLElement | null} */
  let dragged = null;
  const clear = () => {
    for (const each of lists.querySelectorAll(".drop-before, .drop-end, .is-dragged"))
      each.classList.remove("drop-before", "drop-end", "is-dragged");
  };
  lists.addEventListener("dragstart", (event) => {
    const link = closest(event.target, LINK);
    if (!link) return;
    dragged = link;
    link.classList.add("is-dragged");
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "move";
  });
  lists.addEventListener("dragover", (event) => {
    const target = dragged && targetOf(event, dragged);
    clear();
    dragged?.classList.add("is-dragged");
    if (!target) return;
    event.preventDefault();
    if (target.next) target.next.classList.add("drop-before");
    else target.list.classList.add("drop-end");
  });
  lists.addEventListener("drop", (event) => {
    const target = dragged && targetOf(event, dragged);
    if (!dragged || !target) return;
    event.preventDefault();
    onMove({
      room: dragged.dataset.room ?? "",
      section: target.section,
      before: target.next?.dataset.room ?? null,
    });
  });
  lists.addEventListener("dragend", () => {
    clear();
    dragged = null;
  });
  lists.addEventListener("keydown", (event) => {
    const link = closest(event.target, LINK);
    if (!link || !event.ctrlKey || !event.shiftKey || event.altKey) return;
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    event.preventDefault();
    event.stopPropagation();
    onStep(link.dataset.room ?? "", event.key === "ArrowUp" ? -1 : 1);
  });
}

/**
 * Where a drop would put it: in its own section, or over the border of the favourites.
 * @param {DragEvent} event @param {HTMLElement} dragged
 */
function targetOf(event, dragged) {
  const section = closest(event.target, ".room-section");
  const list = section?.querySelector(".room-list");
  const from = dragged.closest(".room-list");
  if (!(list instanceof HTMLElement) || !(from instanceof HTMLElement)) return null;
  const name = /** @type {SectionName} */ (list.dataset.section);
  const isFavourite = name === "favourites" || from.dataset.section === "favourites";
  if (name === "unread" || (list !== from && !isFavourite)) return null;
  const link = closest(event.target, LINK);
  const next = link && isUpperHalf(event, link) ? link : (link?.nextElementSibling ?? null);
  return { list, section: name, next: next instanceof HTMLElement ? next : null };
}

/** @param {DragEvent} event @param {HTMLElement} link */
function isUpperHalf(event, link) {
  const { top, height } = link.getBoundingClientRect();
  return event.clientY < top + height / 2;
}

/** @param {EventTarget | null} target @param {string} selector @returns {HTMLElement | null} */
function closest(target, selector) {
  const found = target instanceof Element ? target.closest(selector) : null;
  return found instanceof HTMLElement ? found : null;
}
