/**
 * The rows of a conversation: messages by seq, then those that are being sent, with day lines, the New
 * line and the grouping by author. Pure: no DOM.
 */

/** @import { Message, Pending } from "../types.d.ts" */

/** @typedef {Message | Pending} Entry */

/**
 * @typedef {{ kind: "day", key: string, at: string }
 *   | { kind: "new" }
 *   | { kind: "entry", entry: Entry, isContinued: boolean }} Row
 */

const GROUP_MS = 5 * 60_000;

/** Whether the server has committed it. @param {Entry} entry @returns {entry is Message} */
export function isCommitted(entry) {
  return "seq" in entry;
}

/**
 * @param {readonly Message[]} items in seq order
 * @param {Pending[]} pending in the order of sending
 * @param {{ dayKey: (at: string) => string, newAfter: number | null, me: string }} options
 *   `newAfter`: the New line stands before the first message of another with a higher seq.
 * @returns {Row[]}
 */
export function rows(items, pending, { dayKey, newAfter, me }) {
  /** @type {Row[]} */
  const result = [];
  let day = "";
  let isNewDue = newAfter !== null;
  /** @type {Entry | null} */
  let previous = null;
  for (const entry of [...items, ...pending]) {
    const key = entry.at ? dayKey(entry.at) : day;
    if (key !== day) {
      day = key;
      previous = null;
      result.push({ kind: "day", key, at: entry.at });
    }
    if (isNewDue && isCommitted(entry) && entry.seq > (newAfter ?? 0) && entry.by?.id !== me) {
      isNewDue = false;
      previous = null;
      result.push({ kind: "new" });
    }
    result.push({ kind: "entry", entry, isContinued: continues(previous, entry) });
    previous = entry;
  }
  return result;
}

/**
 * The same author within five minutes, with nothing between, needs no second head. A reply does.
 * @param {Entry | null} before
 * @param {Entry} after
 */
export function continues(before, after) {
  if (!before || isNote(before) || isNote(after) || after.reply_to) return false;
  if (!before.by || before.by.id !== after.by?.id) return false;
  return Math.abs(Date.parse(after.at) - Date.parse(before.at)) < GROUP_MS;
}

/** @param {Entry} entry */
function isNote(entry) {
  return "system" in entry && Boolean(entry.system);
}

/**
 * The members who have read the last message, without me and its author.
 * @param {Message | undefined} last
 * @param {Record<string, number>} reads
 * @param {{ id: string, name: string }[]} members
 * @param {string} me
 * @returns {string[]} names
 */
export function seenBy(last, reads, members, me) {
  if (!last) return [];
  return members
    .filter((member) => member.id !== me && member.id !== last.by?.id)
    .filter((member) => (reads[member.id] ?? 0) >= last.seq)
    .map((member) => member.name);
}
