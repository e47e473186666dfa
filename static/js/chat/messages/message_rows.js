/**
 * What the conversation shows, in which order: messages by seq, then what is on its way,
 * with day lines, the New line and the grouping by author. Pure: no DOM.
 */

/** @import { Message, Pending } from "../types.d.ts" */

/**
 * @typedef {{ kind: "day", key: string, at: string }
 *   | { kind: "new" }
 *   | { kind: "message", message: Message, isContinued: boolean }
 *   | { kind: "pending", pending: Pending, isContinued: boolean }} Line
 */

const GROUP_MS = 5 * 60_000;

/**
 * @param {Message[]} items In seq order.
 * @param {Pending[]} pending In the order of sending.
 * @param {{ dayKey: (at: string) => string, newAfter: number | null, me: string }} options
 *   `newAfter`: the New line stands before the first message of another with a higher seq.
 * @returns {Line[]}
 */
export function lines(items, pending, { dayKey, newAfter, me }) {
  /** @type {Line[]} */
  const result = [];
  let day = "";
  let isNewDue = newAfter !== null;
  /** @type {Message | Pending | null} */
  let previous = null;
  const startDay = (/** @type {string} */ at) => {
    const key = at ? dayKey(at) : day;
    if (key === day) return;
    day = key;
    previous = null;
    result.push({ kind: "day", key, at });
  };
  for (const message of items) {
    startDay(message.at);
    if (isNewDue && message.seq > (newAfter ?? 0) && message.by?.id !== me) {
      isNewDue = false;
      previous = null;
      result.push({ kind: "new" });
    }
    result.push({ kind: "message", message, isContinued: continues(previous, message) });
    previous = message;
  }
  for (const each of pending) {
    startDay(each.at);
    result.push({ kind: "pending", pending: each, isContinued: continues(previous, each) });
    previous = each;
  }
  return result;
}

/**
 * The same author within five minutes, with nothing between, needs no second head. A reply does.
 * @param {Message | Pending | null} before
 * @param {Message | Pending} after
 */
export function continues(before, after) {
  if (!before || isNote(before) || isNote(after) || after.reply_to) return false;
  if (!before.by || before.by.id !== after.by?.id) return false;
  return Math.abs(Date.parse(after.at) - Date.parse(before.at)) < GROUP_MS;
}

/** @param {Message | Pending} entry */
function isNote(entry) {
  return "system" in entry && Boolean(entry.system);
}

/**
 * Upserts into a list in seq order; the higher rev wins, an unchanged one is left out of the answer.
 * @param {Message[]} items Changed in place.
 * @param {Message[]} changed
 * @returns {{ added: Message[], updated: Message[] }}
 */
export function merge(items, changed) {
  const places = new Map(items.map((item, index) => [item.id, index]));
  /** @type {Message[]} */
  const added = [];
  /** @type {Message[]} */
  const updated = [];
  for (const item of changed) {
    const place = places.get(item.id);
    if (place === undefined) {
      places.set(item.id, items.push(item) - 1);
      added.push(item);
    } else if (item.rev >= (items[place]?.rev ?? 0)) {
      items[place] = item;
      updated.push(item);
    }
  }
  if (added.length) items.sort((a, b) => a.seq - b.seq);
  return { added, updated };
}

/**
 * Who has read up to the last message, besides me and its author.
 * @param {Message | undefined} last
 * @param {Record<string, number>} reads
 * @param {{ id: string, name: string }[]} members
 * @param {string} me
 * @returns {string[]} Names.
 */
export function seenBy(last, reads, members, me) {
  if (!last) return [];
  return members
    .filter((member) => member.id !== me && member.id !== last.by?.id)
    .filter((member) => (reads[member.id] ?? 0) >= last.seq)
    .map((member) => member.name);
}
