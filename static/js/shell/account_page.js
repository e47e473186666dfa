/** What every page beside the rooms has: the bell, its connection, and who is signed in. */
import { clock } from "../core/clock.js";
import { Connection } from "../core/connection.js";
import { Notifications } from "./notifications.js";

/** @import { Me } from "../types.d.ts" */

const SOCKETIO_PATH = "/socket.io/";

/** @returns {Notifications} */
export function startNotifications() {
  const me = whoIsHere();
  const connection = new Connection({ path: SOCKETIO_PATH, clock });
  const notifications = new Notifications({ me, connection });
  notifications.on("ready", () => {
    connection.welcomed();
    const isMine = notifications.inbox.list().every(({ user_id }) => user_id === me.id);
    // Someone else signed in with this browser: this page is not theirs.
    if (!isMine) location.reload();
  });
  connection.open();
  return notifications;
}

/** @returns {Me} */
function whoIsHere() {
  const { id = "", username = "", name = "", role, timeZone } = element("notices").dataset;
  return { id, username, name, role: role === "admin" ? "admin" : "member", time_zone: timeZone };
}

/** @param {string} id @returns {HTMLElement} */
export function element(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return found;
}
