/** Groups unread notifications with the same group key into one line. Pure. */

/** @import { Notification } from "./types.d.ts" */

/**
 * @typedef {object} Group
 * @property {string} key of the line: stays the same while members come and go
 * @property {Notification[]} items the newest first; one: shown as itself
 */

/**
 * Unread notifications with the same group key form one group, in the place of its newest.
 * @param {Notification[]} items the newest first
 * @returns {Group[]}
 */
export function groupNotifications(items) {
  /** @type {Map<string, Group>} */
  const lines = new Map();
  for (const item of items) {
    const key = item.group && !item.read ? `group:${item.group}` : item.id;
    const line = lines.get(key);
    if (line) line.items.push(item);
    else lines.set(key, { key, items: [item] });
  }
  return [...lines.values()];
}
