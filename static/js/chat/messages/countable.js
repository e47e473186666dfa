/** Which messages count as unread, here as on the server: not system lines, nor deleted ones, nor one's own. */

/** @import { Message } from "../types.d.ts" */

/** @param {Message} message @param {string} me */
export function isCountable(message, me) {
  return !message.deleted && !message.system && message.by?.id !== me;
}

/**
 * How many of these count and come after a seq.
 * @param {readonly Message[]} items in seq order
 * @param {number} seq
 * @param {string} me
 */
export function countAfter(items, seq, me) {
  let count = 0;
  for (let at = items.length - 1; at >= 0; at -= 1) {
    const message = items[at];
    if (!message || message.seq <= seq) break;
    if (isCountable(message, me)) count += 1;
  }
  return count;
}
