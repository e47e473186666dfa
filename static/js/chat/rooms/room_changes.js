/** The changes of a room's members and pins by its messages. Pure, but for the set of pins. */

/** @import { Member, Message } from "../types.d.ts" */

const ARRIVALS = new Set(["joined", "invited"]);
const DEPARTURES = new Set(["left", "removed"]);

/**
 * The members after some messages, those who came, and how many went; the same list where nobody came
 * or went.
 * @param {Member[]} before
 * @param {Message[]} news in seq order
 * @returns {{ members: Member[], came: Member[], gone: number }}
 */
export function membersAfter(before, news) {
  /** @type {Member[]} */
  const came = [];
  let members = before;
  let gone = 0;
  for (const { system } of news) {
    const { kind = "", user, member } = system ?? {};
    if (!ARRIVALS.has(kind) && !DEPARTURES.has(kind)) continue;
    members = members.filter(({ id }) => id !== user);
    if (DEPARTURES.has(kind)) gone += 1;
    // Entries of older servers have no member; the answer to the join listed everyone.
    if (!ARRIVALS.has(kind) || !member) continue;
    members.push(member);
    came.push(member);
  }
  return { members, came, gone };
}

/**
 * Bring a room's pins up to date.
 * @param {Set<string>} pins ids of messages
 * @param {Message[]} items in their present state
 * @returns {boolean} whether their number is another
 */
export function followPins(pins, items) {
  const before = pins.size;
  for (const { id, pinned, deleted } of items) {
    if (pinned && !deleted) pins.add(id);
    else pins.delete(id);
  }
  return pins.size !== before;
}
