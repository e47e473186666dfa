/**
 * The rows of a conversation: messages by seq, then those that are being sent, with day lines, the New
 * line and the grouping by author. Pure: no DOM.
 */

import { isCountable } from "./countable.js";
import { isMembershipLine } from "./membership_fold.js";

/** @import { Message, Pending } from "../types.d.ts" */

/** @typedef {Message | Pending} Entry */

/**
 * @typedef {{ kind: "day", key: string, at: string }
 *   | { kind: "new" }
 *   | { kind: "fold", lines: Message[], isOpen: boolean }
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
 * @param {object} options
 * @param {(at: string) => string} options.dayKey
 * @param {number | null} options.newAfter the New line stands before the first message with a higher
 *   seq that counts as unread
 * @param {string} options.me
 * @param {(id: string) => boolean} [options.isUnfolded] whether a folded line is shown with all in it
 * @returns {Row[]}
 */
export function rows(items, pending, { dayKey, newAfter, me, isUnfolded = () => false }) {
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
    if (isNewDue && isCommitted(entry) && entry.seq > (newAfter ?? 0) && isCountable(entry, me)) {
      isNewDue = false;
      previous = null;
      result.push({ kind: "new" });
    }
    result.push({ kind: "entry", entry, isContinued: continues(previous, entry) });
    previous = entry;
  }
  return folded(result, isUnfolded);
}

/**
 * Puts lines about people who came or went, where several stand together, under one.
 * @param {Row[]} all @param {(id: string) => boolean} isUnfolded
 * @returns {Row[]}
 */
function folded(all, isUnfolded) {
  /** @type {Row[]} */
  const result = [];
  /** @type {Message[]} */
  let lines = [];
  const close = () => {
    const isOpen = lines.length < 2 || lines.some(({ id }) => isUnfolded(id));
    if (lines.length > 1) result.push({ kind: "fold", lines, isOpen });
    if (isOpen)
      for (const entry of lines) result.push({ kind: "entry", entry, isContinued: false });
    lines = [];
  };
  for (const row of all) {
    if (row.kind === "entry" && isMembershipLine(row.entry)) lines.push(row.entry);
    else {
      close();
      result.push(row);
    }
  }
  close();
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

/**
 * The names of those who have read, without some, and how many more there are.
 * @param {import("../types.d.ts").Readers} readers
 * @param {(string | undefined)[]} but ids
 */
export function readersBut({ count, users, names }, but) {
  const left = users.filter((id) => !but.includes(id));
  const named = left.flatMap((id) => names[id] ?? []);
  return { names: named, more: count - (users.length - left.length) - named.length };
}
