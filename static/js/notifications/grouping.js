/** Many notifications of one kind stand together as one line, with its members still listed. Pure. */

/** @import { Notification } from "./types.d.ts" */

/**
 * @typedef {object} Group
 * @property {string} key of the line: stays the same while members come and go
 * @property {Notification[]} items the newest first; one: shown as itself
 */

/**
 * Unread ones with the same group key stand together, where the newest of them is.
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
