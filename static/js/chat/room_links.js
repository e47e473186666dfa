/** Links to rooms and messages of this server: they lead there within the page. */
import { roomInLink } from "../notifications/group_sentence.js";

/** @import { ChatState } from "./chat_state.js" */
/** @import { RoomActions } from "./rooms/room_actions.js" */

/** The address of a message, for copying. @param {{ slug: string }} room @param {string} message its id */
export function linkTo(room, message) {
  return `${location.origin}/rooms/${encodeURIComponent(room.slug)}#${message}`;
}

export class RoomLinks {
  /**
   * @param {ChatState} chat
   * @param {RoomActions} actions
   * @param {(message: string) => void} show a message of the open room
   */
  constructor(chat, actions, show) {
    this.#chat = chat;
    this.#actions = actions;
    this.#show = show;
  }

  #chat;
  #actions;
  #show;

  /** @param {string} link @returns {boolean} whether it leads to one of my rooms, which is open by now */
  go(link) {
    const url = new URL(link, location.origin);
    const room = url.origin === location.origin && roomInLink(url.pathname);
    const mine = room ? this.#chat.rooms.find(room) : undefined;
    if (!mine) return false;
    const message = url.hash.slice(1);
    this.#actions.open(mine.slug, message);
    if (message) this.#show(message);
    return true;
  }

  /** Show the message that the page's address names, now and when that changes. */
  followAddress() {
    if (location.hash) this.#show(location.hash.slice(1));
    addEventListener("hashchange", ({ oldURL, newURL }) => {
      // Another room keeps the place where it was left.
      const isSameRoom = new URL(oldURL).pathname === new URL(newURL).pathname;
      if (isSameRoom && location.hash) this.#show(location.hash.slice(1));
    });
  }
}
