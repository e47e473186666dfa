/** The chat page's module: builds state and views from the page's snapshot, and connects. */
import { clock } from "../core/clock.js";
import { Connection } from "../core/connection.js";
import { t } from "../core/i18n.js";
import { followInPlace } from "../core/links.js";
import { forgetAtSignOut, keepShell } from "../core/offline_copies.js";
import { preferences } from "../core/preferences.js";
import { trustedWorker } from "../core/trusted_types.js";
import { byId } from "../core/ui/dom.js";
import { whenLeaving } from "../core/ui/leaving.js";
import { showWholeNames } from "../core/ui/whole_names.js";
import "../core/ui/every_page.js";
import { Notifications } from "../notifications/notifications.js";
import { ChatState } from "./chat_state.js";
import { showStatus } from "./connection_status.js";
import { Conversation } from "./conversation.js";
import { FirstSteps } from "./first_steps/first_steps.js";
import { markNotificationsOfReadRooms, roomContext } from "./notifications_of_read_rooms.js";
import { keepCopies } from "./offline/keep_copies.js";
import { startSnapshot } from "./offline/offline_start.js";
import { RoomCopies } from "./offline/room_copies.js";
import { ProfileCard } from "./people/profile_card.js";
import { RoomActions } from "./rooms/room_actions.js";
import { RoomSwitcher } from "./rooms/room_switcher.js";
import { Sidebar } from "./sidebar/sidebar.js";

/** @import { Snapshot } from "./types.d.ts" */

/** @type {Snapshot} */
const given = JSON.parse(byId("snapshot").textContent ?? "");
const copies = new RoomCopies();
const snapshot = await startSnapshot(given, { copies, preferences });
const connection = new Connection({ path: snapshot.socketio_path, clock });
const chat = new ChatState({ me: snapshot.me, connection });
const actions = new RoomActions(chat);
const notifications = new Notifications({
  me: snapshot.me,
  connection,
  context: roomContext(chat, (link) => links.go(link)),
});
// Before the conversation, which counts anew what is unread in the room that it opens.
new Sidebar({
  root: byId("sidebar"),
  chat,
  actions,
  notifications,
  preferences,
  open: (slug) => open(slug),
  jump: () => switcher.open(),
});
const conversation = new Conversation(chat, actions);
const { links } = conversation;
const switcher = new RoomSwitcher({
  directory: actions.directory,
  rooms: () => chat.rooms.list(),
  onOpen: (slug) => open(slug),
  onDirect: (user) => actions.direct(user),
});

new ProfileCard(document.body, {
  me: snapshot.me,
  ask: async (user) => (await chat.request("people:show", { user })).person,
  known: (user) => actions.directory.nearby().find(({ id }) => id === user),
  onDirect: (user) => actions.direct(user),
  removal: (user) => actions.removal(user),
});

if (snapshot.me.role === "admin" && preferences.get("first_steps") === "shown") showFirstSteps();

function showFirstSteps() {
  const steps = new FirstSteps(byId("first-steps"), {
    preferences,
    serverName: () => snapshot.app_name,
    onRenamed: showServerName,
    createRoom: () => actions.create(),
  });
  // A room that was made another way, or another page that changed something.
  chat.openRooms.on("opened", () => steps.refresh());
  addEventListener("focus", () => steps.refresh());
  steps.refresh();
}

/** @param {string} name */
function showServerName(name) {
  snapshot.app_name = name;
  for (const each of document.querySelectorAll(".brand span")) each.textContent = name;
  showTitle();
}

/** @param {string} slug */
function open(slug) {
  actions.open(slug);
  conversation.focus();
}

function showTitle() {
  const open = chat.openRooms.current?.room;
  const current = open && (chat.rooms.find(open.id) ?? open);
  const name = current?.with?.name ?? current?.name ?? t("Rooms");
  notifications.tabBadge.setTitle(`${name} · ${snapshot.app_name}`);
}

/** Tell the server which room the person is looking at, if any. */
function watch() {
  const room = chat.openRooms.current?.room;
  chat.watch(room && room.member !== false && document.hasFocus() ? room.id : null);
}

chat.on("rooms", showTitle);
chat.on("room", (id) => id === chat.openRooms.current?.room.id && showTitle());
chat.openRooms.on("opened", watch);
for (const sign of ["focus", "blur"]) addEventListener(sign, watch);
for (const sign of ["blur", "pagehide"]) addEventListener(sign, () => chat.draftSync.flush());
whenLeaving(() => chat.readMarker.flush());
addEventListener("pagehide", () => chat.readMarker.left());
chat.openRooms.on("opened", showTitle);
showStatus({
  roots: { line: byId("status-line"), banner: byId("banner") },
  connection,
  outbox: chat.outbox,
  clock,
});
for (const sign of ["pointerdown", "keydown", "wheel", "focus"])
  addEventListener(sign, () => chat.idle.touched(), { passive: true });
markNotificationsOfReadRooms(chat, notifications);
followInPlace(byId("messages"), ".message-content a[href]", (link) => links.go(link));
showWholeNames(document);

keepCopies({ chat, connection, copies, preferences, clock });
forgetAtSignOut();
keepShell(trustedWorker);
connection.on("status", ({ phase }) => {
  conversation.setAway(phase === "offline" || phase === "reconnecting");
  // The shell has not all that a page of the server has.
  if (snapshot.offline && phase === "connected") location.reload();
});

chat.rooms.reset(snapshot.rooms);
chat.emit("rooms");
if (snapshot.room) chat.openRooms.open(snapshot.room).load({ ...snapshot, room: snapshot.room });
else if (snapshot.notHere) chat.openRooms.open(snapshot.notHere);
else chat.openRooms.enter(null);
if (!conversation.isReturned()) links.followAddress();
chat.idle.touched();
connection.open();
