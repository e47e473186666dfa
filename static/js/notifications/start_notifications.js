/** Starts notifications on a page without rooms: bell, connection, signed-in person. */
import { clock } from "../core/clock.js";
import { Connection } from "../core/connection.js";
import { forgetAtSignOut } from "../core/offline_copies.js";
import { byId } from "../core/ui/dom.js";
import { showWholeNames } from "../core/ui/whole_names.js";
import "../core/ui/every_page.js";
import { placeInLink } from "./group_sentence.js";
import { Notifications } from "./notifications.js";

/** @import { Me } from "../core/types.d.ts" */
/** @import { Notification } from "./types.d.ts" */

const SOCKETIO_PATH = "/socket.io/";

/**
 * @param {(connection: Connection) => void} [join] what else the page wants of the one connection
 * @returns {Notifications}
 */
export function startNotifications(join = () => {}) {
  const me = whoIsHere();
  const connection = new Connection({ path: SOCKETIO_PATH, clock });
  /** Names by id. @type {Map<string, string>} */
  const rooms = new Map();
  const placeOf = (/** @type {Notification} */ item) =>
    rooms.get(item.room ?? "") ?? placeInLink(item);
  const notifications = new Notifications({ me, connection, context: { placeOf } });
  notifications.on("ready", () => {
    connection.welcomed();
    learnRooms(rooms).then(() => notifications.inbox.emit("changed"));
    const isMine = notifications.inbox.list().every(({ user_id }) => user_id === me.id);
    // Someone else signed in with this browser: this page is not theirs.
    if (!isMine) location.reload();
  });
  join(connection);
  showWholeNames(document);
  forgetAtSignOut();
  connection.open();
  return notifications;
}

/** Lines that stand for several name their room. @param {Map<string, string>} names */
async function learnRooms(names) {
  const answer = await fetch("/api/rooms").catch(() => null);
  if (!answer?.ok) return;
  for (const { id, name } of (await answer.json()).items) names.set(id, name);
}

/** @returns {Me} */
function whoIsHere() {
  const { id = "", username = "", name = "", role, timeZone } = byId("notification-toasts").dataset;
  return { id, username, name, role: role === "admin" ? "admin" : "member", time_zone: timeZone };
}
