/** In a large room the server tells of the presence of those only whom the page names. No DOM. */
import { orUndefined } from "../../core/errors.js";
import { HELD } from "./room_members.js";

/** @import { Member } from "../types.d.ts" */
/** @import { OpenRoom } from "./open_room.js" */
/** @import { Request } from "./open_rooms.js" */

/**
 * Hear of the presence of these members from now on, in place of those before, and how they are now.
 * @param {OpenRoom} open
 * @param {Request} request
 * @param {Member[]} members the last 200 of them count
 */
export async function watchPresence(open, request, members) {
  const users = members.slice(-HELD).map(({ id }) => id);
  // Without an answer they stay as they were last known.
  const answer = await orUndefined(request("presence:watch", { room: open.room.id, users }));
  if (!answer) return;
  open.people.online = answer.online;
  open.people.learn(answer.users);
  const told = new Set(users);
  open.emit(
    "members",
    open.members.filter(({ id }) => told.has(id)),
  );
}
