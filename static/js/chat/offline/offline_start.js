/** How the chat page begins from the service worker's shell, without a server: with what is kept. */
import { t } from "../../core/i18n.js";
import { byId, el, icon, part } from "../../core/ui/dom.js";

/** @import { Preferences } from "../../core/preferences.js" */
/** @import { Room, Snapshot } from "../types.d.ts" */
/** @import { RoomCopies } from "./room_copies.js" */

const ROOM = /^\/rooms\/([^/]+)/u;

/**
 * The snapshot of the page: the one that the server gave, or what was kept.
 * @param {Snapshot} given
 * @param {{ copies: RoomCopies, preferences: Preferences }} parts
 * @returns {Promise<Snapshot>} never settles where nothing is kept: the page says so
 */
export async function startSnapshot(given, { copies, preferences }) {
  if (!given.offline) return given;
  const kept = await keptSnapshot(copies, location.pathname);
  if (!kept) return nothingKept();
  preferences.adopt(kept.preferences);
  part(byId("sidebar"), "my-name").textContent = kept.snapshot.me.name;
  return { ...given, ...kept.snapshot };
}

/**
 * @param {RoomCopies} copies
 * @param {string} path of the page
 * @returns {Promise<{ preferences: object, snapshot: Omit<Snapshot, "socketio_path" | "app_name" | "server_time"> } | null>}
 */
export async function keptSnapshot(copies, path) {
  const person = await copies.person();
  if (!person) return null;
  const { me, rooms, preferences } = person;
  const slug = decodeURIComponent(ROOM.exec(path)?.[1] ?? "");
  const [latest] = slug ? [] : await copies.latest();
  const room = rooms.find((each) => (slug ? each.slug === slug : each.id === latest));
  const copy = room ? await copies.room(room.id, me.id) : null;
  const none = { rev: 0, items: [], older: false, members: [], reads: {}, last_read: 0 };
  return {
    preferences,
    snapshot: {
      ...none,
      ...copy,
      me,
      rooms,
      room: copy ? copy.room : null,
      notHere: missing(room, copy),
    },
  };
}

/** @param {Room | undefined} room @param {object | null} copy */
function missing(room, copy) {
  return room && !copy ? room : null;
}

/** @returns {Promise<never>} */
function nothingKept() {
  const again = el(
    "button.button",
    { type: "button", onclick: () => location.reload() },
    t("Try again"),
  );
  part(byId("messages"), "top").replaceChildren(
    el(
      "div.room-start",
      icon("compass"),
      el("h2", t("You are offline")),
      el("p", t("This browser has kept nothing to read.")),
      again,
    ),
  );
  byId("composer").hidden = true;
  addEventListener("online", () => location.reload());
  return new Promise(() => {});
}
