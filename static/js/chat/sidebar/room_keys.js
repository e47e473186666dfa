/** Alt with an arrow goes to the room above or below, with Shift to the next one with something unread. */

/** @import { Room } from "../types.d.ts" */

/**
 * The room to go to; the list has no end.
 * @param {Room[]} rooms as they are shown
 * @param {string | null} current an id
 * @param {1 | -1} step
 * @param {(room: Room) => boolean} [isWanted]
 * @returns {Room | null}
 */
export function nextRoom(rooms, current, step, isWanted = () => true) {
  const at = rooms.findIndex(({ id }) => id === current);
  const from = at < 0 && step < 0 ? rooms.length : at;
  for (let n = 1; n <= rooms.length; n += 1) {
    const room = rooms.at((from + n * step) % rooms.length);
    if (room && room.id !== current && isWanted(room)) return room;
  }
  return null;
}

/**
 * @param {Document} page
 * @param {{ next: (step: 1 | -1, onlyUnread: boolean) => void }} options
 */
export function listenForRoomKeys(page, { next }) {
  page.addEventListener("keydown", (event) => {
    const { key, altKey, ctrlKey, metaKey, shiftKey, isComposing } = event;
    if (!altKey || ctrlKey || metaKey || isComposing) return;
    if (key !== "ArrowUp" && key !== "ArrowDown") return;
    if (page.querySelector("dialog[open], [role=menu]")) return;
    event.preventDefault();
    next(key === "ArrowUp" ? -1 : 1, shiftKey);
  });
}
