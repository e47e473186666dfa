/** Keeps copies of what the page shows while it is connected, and shows them while it is not. */

/** @import { Clock } from "../../core/clock.js" */
/** @import { Connection } from "../../core/connection.js" */
/** @import { Preferences } from "../../core/preferences.js" */
/** @import { ChatState } from "../chat_state.js" */
/** @import { OpenRoom } from "../rooms/open_room.js" */
/** @import { RoomCopies } from "./room_copies.js" */

const SETTLED_MS = 2_000;

/**
 * @param {object} parts
 * @param {ChatState} parts.chat
 * @param {Connection} parts.connection
 * @param {RoomCopies} parts.copies
 * @param {Preferences} parts.preferences
 * @param {Clock} parts.clock
 */
export function keepCopies({ chat, connection, copies, preferences, clock }) {
  const { openRooms } = chat;
  const isConnected = () => connection.status.phase === "connected";
  let cancel = () => {};
  let stop = () => {};

  async function keep() {
    if (!isConnected()) return;
    await copies.keepPerson({
      me: chat.me,
      rooms: chat.rooms.all(),
      preferences: preferences.all(),
    });
    const { current } = openRooms;
    if (current) await copies.keep(copyOf(current));
  }

  function soon() {
    cancel();
    cancel = clock.after(SETTLED_MS, keep);
  }

  /** @param {OpenRoom} room */
  async function showCopy(room) {
    const copy = await copies.room(room.room.id, chat.me.id);
    if (copy && !room.isLoaded && openRooms.current === room && !isConnected())
      room.load({ ...copy, room: { ...copy.room, ...room.room } });
  }

  chat.on("rooms", soon);
  openRooms.on("opened", (room) => {
    stop();
    stop = room ? room.on("changed", soon) : () => {};
    soon();
    if (room && !room.isLoaded && !isConnected()) showCopy(room);
  });
  connection.on("status", ({ phase }) => {
    if (phase === "ended") copies.end();
    if (phase === "connected") soon();
  });
}

/** @param {OpenRoom} open @returns {import("./room_copies.js").RoomCopy | null} null where it is not to be kept */
function copyOf(open) {
  const { room, stream, reads, last_read } = open;
  // Later it is not known who is online.
  const members = open.members.map((each) => ({
    ...each,
    state: /** @type {const} */ ("offline"),
  }));
  if (!open.isLoaded || !stream.reachesEnd || room.member === false) return null;
  const items = [...stream.ordered()];
  const member_count = open.people.count;
  const held = { room, rev: stream.cursor, items, older: open.hasOlder, members, member_count };
  return { ...held, reads, last_read };
}
