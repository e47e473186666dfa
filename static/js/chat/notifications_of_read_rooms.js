/** Marks notifications as read in the inbox when their messages are read in the open room. */
import { placeInLink, roomInLink } from "../notifications/group_sentence.js";

/** @import { ChatState } from "./chat_state.js" */
/** @import { Notifications } from "../notifications/notifications.js" */

/**
 * @param {ChatState} chat
 * @param {(link: string) => boolean} go follow a link within the page; whether it leads to one of my rooms
 * @returns {import("../notifications/notifications.js").PageContext}
 */
export function roomContext(chat, go) {
  return {
    isReading: ({ room }) => !document.hidden && room !== undefined && room === openRoom(chat),
    placeOf: (item) => {
      const room = chat.rooms.find(item.room ?? roomInLink(item.link) ?? "");
      return room ? (room.with?.name ?? room.name) : placeInLink(item);
    },
    go,
  };
}

/** Marks notifications as read when their messages are seen in the open room. @param {ChatState} chat @param {Notifications} notifications */
export function markNotificationsOfReadRooms(chat, notifications) {
  const look = () => {
    const room = chat.openRooms.current;
    if (!room || !document.hasFocus()) return;
    notifications.seen((item) => {
      if (item.room !== room.room.id) return false;
      const message = room.stream.items.get(item.message ?? "");
      return !item.message || (message !== undefined && message.seq <= room.visible);
    });
  };
  chat.on("seen", look);
  notifications.inbox.on("changed", look);
  addEventListener("focus", look);
}

/** @param {ChatState} chat */
function openRoom(chat) {
  return chat.openRooms.current?.room.id;
}
