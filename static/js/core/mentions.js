/** `@name` while it is being written, and who it can be. Pure. */
import { fit } from "./fit.js";

/** @import { Member } from "../types/chat.d.ts" */

/** @typedef {{ username: string, name: string, state?: import("../types/chat.d.ts").PresenceState }} Choice */

const MOST = 8;
/** Asking first begins above this many. */
export const MANY = 50;
const BEGUN = /(?:^|[^\p{L}\p{N}_@/.])@([A-Za-z0-9._-]{0,32})$/u;
const CODE = /```[\s\S]*?(?:```|$)|`[^`\n]*`/gu;
const CALL = /(?:^|[^\p{L}\p{N}_@/.])@(here|everyone)(?![\p{L}\p{N}_-])/giu;

/**
 * The name that is being written before the caret.
 * @param {string} text @param {number} caret
 * @returns {{ start: number, letters: string } | null} `start`: where its @ stands
 */
export function begun(text, caret) {
  const letters = BEGUN.exec(text.slice(0, caret))?.[1];
  return letters === undefined ? null : { start: caret - letters.length - 1, letters };
}

/**
 * Who fits these letters, the best first; all where there are none yet.
 * @param {Choice[]} choices @param {string} letters
 */
export function matching(choices, letters) {
  return choices
    .map((choice, at) => ({ choice, at, score: score(choice, letters) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, MOST)
    .map(({ choice }) => choice);
}

/** Letters in any order of a name's are no likeness here: who types on means something else. @param {Choice} choice @param {string} letters */
function score({ username, name }, letters) {
  if (!letters) return 1;
  const best = Math.max(fit(username, letters), fit(name, letters));
  return best > 1 ? best : 0;
}

/**
 * Those of the room who can be named, who is there first, then all at once.
 * @param {Member[]} members @param {string} me
 * @returns {Choice[]}
 */
export function choicesIn(members, me) {
  const rank = { online: 0, idle: 1, away: 1, offline: 2 };
  const others = members
    .filter(({ id }) => id !== me)
    .sort((a, b) => rank[a.state] - rank[b.state] || a.name.localeCompare(b.name));
  if (others.length < 2) return others;
  return [
    ...others,
    { username: "here", name: "who is online in this room" },
    { username: "everyone", name: `all ${members.length} people in this room` },
  ];
}

/**
 * How many people a text calls with @here or @everyone; 0 where it names nobody so.
 * @param {string} text @param {Member[]} members @param {string} me
 */
export function called(text, members, me) {
  const calls = [...text.replace(CODE, " ").matchAll(CALL)].map(([, name]) => name?.toLowerCase());
  const others = members.filter(({ id }) => id !== me);
  if (calls.includes("everyone")) return others.length;
  return calls.includes("here") ? others.filter(({ state }) => state === "online").length : 0;
}
