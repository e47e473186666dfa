/** Finds `@name` in a text, and the people whom it can complete to. Pure. */
import { compare, t, tn } from "../../core/i18n.js";
import { matchScore, SCATTERED } from "../../core/name_match.js";

/** @import { FoundPerson, Member } from "../types.d.ts" */

/** @typedef {{ username: string, name: string, state?: import("../types.d.ts").PresenceState, note?: string }} Choice */

const MOST = 8;
/** A message that notifies more people than this needs a confirmation. */
export const ASK_ABOVE = 50;
// The same rule as the server's (app/chat/markup/boundaries.py), tested with the same table: letters
// of these alphabets before an @ make it one of an e-mail address, those behind it another name.
const WORD =
  "0-9A-Za-z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u037d\\u037f-\\u0386" +
  "\\u0388-\\u0559\\u0560-\\u0588\\u10a0-\\u10fa\\u10fc-\\u10ff\\u1e00-\\u1fff";
const BEFORE = `(?<![${WORD}@/][_.]*|\\\\)`;
// Letters of any script: people are found by their names too.
const BEGUN = new RegExp(`${BEFORE}@([\\p{L}\\p{M}\\p{N}._-]{0,64})$`, "u");
const WRITTEN = new RegExp(`${BEFORE}@([A-Za-z0-9][A-Za-z0-9._-]{1,31})(?![${WORD}])`, "gu");
const FENCE = /^[ >]*(`{3,}|~{3,})[^\n]*\n[\s\S]*?(?:\n[ >]*\1|(?![\s\S]))/gmu;
const CODE = /(?<!`)(`+)(?!`)[\s\S]*?(?<!`)\1(?!`)/gu;
const LABELLED = /\[[^\]\n]*\]\((?:https?:|mailto:)[^()\s]*\)/giu;
const ENDS =
  '\\s<>"`\\u3001-\\u3003\\u3008-\\u3011\\uff01-\\uff0f\\uff1a-\\uff20\\uff3b-\\uff40\\uff5b-\\uff65';
const ADDRESS = new RegExp(
  `(?:https?://|(?<![\\w.@/-])(?:[a-z0-9-]+\\.)+[a-z]{2,}(?::\\d+)?/)(?:[^()${ENDS}]|\\([^()${ENDS}]*\\))*`,
  "giu",
);

/**
 * The name that is being written before the caret.
 * @param {string} text @param {number} caret
 * @returns {{ start: number, letters: string } | null} `start`: where its @ stands
 */
export function mentionAt(text, caret) {
  const letters = BEGUN.exec(text.slice(0, caret))?.[1];
  return letters === undefined ? null : { start: caret - letters.length - 1, letters };
}

/**
 * The choices that match these letters, the best first; all while there are no letters.
 * @param {Choice[]} choices @param {string} letters
 */
export function matchingChoices(choices, letters) {
  return choices
    .map((choice, at) => ({ choice, at, score: score(choice, letters) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, MOST)
    .map(({ choice }) => choice);
}

/**
 * The choices, and behind them the people of the server who are not among them.
 * @param {Choice[]} choices @param {FoundPerson[]} people
 */
export function withOthers(choices, people) {
  const known = new Set(choices.map(({ username }) => username));
  const others = people
    .filter(({ username }) => !known.has(username))
    .map(({ username, name, state = "offline", member }) => ({
      username,
      name,
      state,
      ...(member ? {} : { note: t("not in this room") }),
    }));
  return [...choices, ...others].slice(0, MOST);
}

/** 0 where the letters only occur scattered in the name: too weak a match here. @param {Choice} choice @param {string} letters */
function score({ username, name }, letters) {
  if (!letters) return 1;
  const best = Math.max(matchScore(username, letters), matchScore(name, letters));
  return best > SCATTERED ? best : 0;
}

/**
 * The members who can be mentioned, the present ones first, then @here and @everyone.
 * @param {Member[]} members @param {string} me @param {number} [count] of all members, where some are held
 * @returns {Choice[]}
 */
export function mentionChoices(members, me, count = members.length) {
  const rank = { online: 0, idle: 1, away: 1, offline: 2 };
  const others = members
    .filter(({ id }) => id !== me)
    .sort((a, b) => rank[a.state] - rank[b.state] || compare(a.name, b.name));
  if (others.length < 2) return others;
  return [
    ...others,
    { username: "here", name: t("all who are online in this room") },
    {
      username: "everyone",
      name: tn("the one person in this room", "all {n} people in this room", count),
    },
  ];
}

/**
 * The usernames that a text mentions, by the server's rule.
 * @param {string} text @param {ReadonlySet<string>} usernames
 */
export function mentionedNames(text, usernames) {
  const found = written(text).map((name) => longest(name, usernames));
  return new Set(found.filter((name) => name !== null));
}

/**
 * The words in a text that may be usernames, each once; marks at the end belong to the sentence.
 * @param {string} text
 */
export function writtenNames(text) {
  const names = written(text).map((name) => name.toLowerCase().replace(/[._-]+$/u, ""));
  return [...new Set(names)];
}

/** Each word that is written as a name, outside code and addresses. @param {string} text */
function written(text) {
  const prose = [FENCE, CODE, LABELLED, ADDRESS].reduce(
    (rest, not) => rest.replace(not, " "),
    text,
  );
  return [...prose.matchAll(WRITTEN)].map(([, name = ""]) => name);
}

/** The longest beginning that is a username: a dot at the end may belong to the sentence. @param {string} word @param {ReadonlySet<string>} usernames */
function longest(word, usernames) {
  let name = word.toLowerCase();
  while (!usernames.has(name) && /[._-]$/.test(name)) name = name.slice(0, -1);
  return usernames.has(name) ? name : null;
}

/**
 * How many people a text notifies by @here or @everyone; 0 without one of these.
 * @param {string} text @param {Member[]} members @param {string} me
 * @param {{ count?: number, online?: number | undefined }} [room] where only some members are held
 */
export function groupMentionCount(text, members, me, { count, online } = {}) {
  if (!text.includes("@")) return 0;
  const calls = mentionedNames(
    text,
    new Set(["here", "everyone", ...members.map((m) => m.username)]),
  );
  const others = members.filter(({ id }) => id !== me);
  if (calls.has("everyone")) return count === undefined ? others.length : count - 1;
  if (calls.has("here") && online !== undefined) return Math.max(online - 1, 0);
  return calls.has("here") ? others.filter(({ state }) => state === "online").length : 0;
}
