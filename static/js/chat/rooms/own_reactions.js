/**
 * Where very many reacted, a live message names some of them only, and me perhaps not: the page keeps
 * what the server has acknowledged.
 */
import { orShowError } from "../../core/ui/prompts.js";

/** @import { Message } from "../types.d.ts" */
/** @import { ChatState } from "../chat_state.js" */
/** @import { OpenRoom } from "./open_room.js" */

/**
 * A message that came live, with me among those who reacted where I am known to have.
 * @param {Message} message
 * @param {Message | undefined} before as it was held
 * @param {string} me
 * @returns {Message}
 */
export function keepMine(message, before, me) {
  if (!message.reaction_counts || !before || message.deleted) return message;
  const kept = Object.keys(message.reaction_counts).filter(
    (emoji) => before.reactions?.[emoji]?.includes(me) && !message.reactions[emoji]?.includes(me),
  );
  return kept.reduce((held, emoji) => withMine(held, emoji, me, true), message);
}

/**
 * A message after my reaction was acknowledged. How many there are comes with the message.
 * @param {Message} message @param {string} emoji @param {string} me @param {boolean} add
 * @returns {Message}
 */
export function withMine(message, emoji, me, add) {
  const others = (message.reactions[emoji] ?? []).filter((id) => id !== me);
  const users = add ? [...others, me] : others;
  return { ...message, reactions: { ...message.reactions, [emoji]: users } };
}

/** How many people reacted with an emoji. @param {Message} message @param {string} emoji */
export function countOf(message, emoji) {
  return message.reaction_counts?.[emoji] ?? message.reactions[emoji]?.length ?? 0;
}

/**
 * My reaction to a message of an open room was acknowledged.
 * @param {OpenRoom | undefined} open
 * @param {{ id: string, emoji: string, add: boolean, me: string }} reaction `id`: of the message
 */
export function acknowledged(open, { id, emoji, add, me }) {
  const isMeant = (/** @type {Message} */ message) => message.id === id && message.reaction_counts;
  const change = (/** @type {Message} */ message) =>
    isMeant(message) ? withMine(message, emoji, me, add) : message;
  if (open?.stream.replace(change)) open.emit("changed");
}

/** Reacts, or takes a reaction back, when a person asks for it. @param {ChatState} chat */
export function reacting({ request, openRooms, me }) {
  return async (
    /** @type {Message} */ { room, id },
    /** @type {string} */ emoji,
    /** @type {boolean} */ add,
  ) => {
    const done = request(add ? "reaction:add" : "reaction:remove", { room, id, emoji });
    if (await orShowError(done)) acknowledged(openRooms.at(room), { id, emoji, add, me: me.id });
  };
}
