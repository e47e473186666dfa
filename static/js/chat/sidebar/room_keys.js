/**
 * Alt with an arrow goes to the room above or below, with Shift to the next one with something unread;
 * Alt with I invites people to the open room.
 */

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
 * @param {{ next: (step: 1 | -1, onlyUnread: boolean) => void, invite: () => void }} options
 */
export function listenForRoomKeys(page, { next, invite }) {
  page.addEventListener("keydown", (event) => {
    const { key, code, altKey, ctrlKey, metaKey, shiftKey, isComposing } = event;
    if (!altKey || ctrlKey || metaKey || isComposing) return;
    // With Option, the key of a Mac writes another character.
    const isInvite = code === "KeyI" && !shiftKey;
    if (!isInvite && key !== "ArrowUp" && key !== "ArrowDown") return;
    if (page.querySelector("dialog[open], [role=menu]")) return;
    event.preventDefault();
    if (isInvite) invite();
    else next(key === "ArrowUp" ? -1 : 1, shiftKey);
  });
}
