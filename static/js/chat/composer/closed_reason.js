/** Why nothing can be written in a room. */
import { t } from "../../core/i18n.js";
import { isolated } from "../../core/ui/format.js";

/** @import { Room } from "../types.d.ts" */
/** @import { Closed } from "./composer_view.js" */
/** @import { RoomActions } from "../rooms/room_actions.js" */

/** @typedef {Pick<RoomActions, "browse" | "canManage" | "join" | "reopen">} Ways */

/**
 * @param {Room} room
 * @param {Ways} actions
 * @returns {Closed | null} null: it is open
 */
export function closedReason(room, actions) {
  if (room.archived) {
    const text = t("This room is archived: it can be read, nobody can write.");
    if (!actions.canManage(room)) return text;
    return { text, label: t("Reopen"), run: () => void actions.reopen(room) };
  }
  if (room.member !== false) return null;
  const text = t("You are looking at {room} without being in it.", { room: isolated(room.name) });
  return { text, label: t("Join"), run: () => actions.join(room) };
}

/** No room is open. @param {Ways} actions @returns {Closed} */
export function noRoom(actions) {
  return { text: t("Choose a room."), label: t("Browse rooms"), run: () => actions.browse() };
}
