/** Why nothing can be written in a room. */
import { t } from "../../core/i18n.js";
import { isolated } from "../../core/ui/format.js";

/** @import { Room } from "../types.d.ts" */
/** @import { Closed } from "./composer_view.js" */

/** @param {Room} room @param {() => void} onJoin @returns {Closed | null} null: it is open */
export function closedReason({ archived, member, name }, onJoin) {
  if (archived) return t("This room is archived: it can be read, nobody can write.");
  if (member !== false) return null;
  const text = t("You are looking at {room} without being in it.", { room: isolated(name) });
  return { text, label: t("Join"), run: onJoin };
}
