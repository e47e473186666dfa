/** The chat page: reads the snapshot, builds the core and the views, and starts. */

import { clock } from "./core/clock.js";
import { Connection } from "./core/connection.js";
import { Chat } from "./shell/chat.js";
import { Conversation } from "./shell/conversation.js";
import { Notifications } from "./shell/notifications.js";
import { RoomActions } from "./shell/room_actions.js";
import { followReading, roomsAround } from "./shell/room_notices.js";
import { showStatus } from "./shell/status_line.js";
import { SidebarView } from "./views/sidebar.js";
import { Switcher } from "./views/switcher.js";

/** @import { Snapshot } from "./types/chat.d.ts" */

/** @param {string} id @returns {HTMLElement} */
function root(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element "${id}".`);
  return element;
}

/** @type {Snapshot} */
const snapshot = JSON.parse(root("snapshot").textContent ?? "");
const connection = new Connection({ path: snapshot.socketio_path, clock });
const chat = new Chat({ me: snapshot.me, connection });
const actions = new RoomActions(chat);
const notifications = new Notifications({
  me: snapshot.me,
  connection,
  around: roomsAround(chat, actions, (message) => conversation.show(message)),
});
const conversation = new Conversation(chat, actions, root);
const switcher = new Switcher({
  rooms: () => chat.rooms.list(),
  people: () => actions.people(),
  onOpen: (slug) => open(slug),
  onDirect: (user) => actions.direct(user),
});
const sidebar = new SidebarView(root("sidebar"), {
  me: snapshot.me,
  onOpen: (slug) => open(slug),
  onCreate: () => actions.create(),
  onBrowse: () => actions.browse(),
  onDirect: () => actions.direct(),
  onJump: () => switcher.open(),
});

/** @param {string} slug */
function open(slug) {
  actions.open(slug);
  // On a phone the keyboard would cover what was opened.
  if (matchMedia("(hover: hover)").matches) conversation.focus();
}

function showRooms() {
  const rooms = chat.rooms.list();
  const current = chat.visits.current?.room;
  sidebar.setRooms(rooms, current?.id ?? null);
  const name = current?.with?.name ?? current?.name ?? "Rooms";
  notifications.mark.setTitle(`${name} · ${snapshot.app_name}`);
}

/** Tell which room the person has in front of them, if any. */
function watch() {
  const room = chat.visits.current?.room;
  chat.watch(room && room.member !== false && document.hasFocus() ? room.id : null);
}

chat.on("rooms", showRooms);
chat.visits.on("opened", watch);
for (const sign of ["focus", "blur"]) addEventListener(sign, watch);
chat.on("presence", () => sidebar.setPresence(chat.rooms.presence));
chat.visits.on("opened", showRooms);
showStatus({
  roots: { line: root("status-line"), banner: root("banner") },
  connection,
  outbox: chat.outbox,
  clock,
});
for (const sign of ["pointerdown", "keydown", "wheel", "focus"])
  addEventListener(sign, () => chat.idle.touched(), { passive: true });
followReading(chat, notifications);

chat.rooms.reset(snapshot.rooms);
chat.emit("rooms");
if (snapshot.room) chat.visits.open(snapshot.room).load({ ...snapshot, room: snapshot.room });
else chat.visits.enter(null);
if (location.hash) conversation.show(location.hash.slice(1));
chat.idle.touched();
connection.open();
