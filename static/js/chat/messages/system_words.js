/** The lines that a room writes itself ("Ana joined"), in the page's language. No DOM. */
import { t, withNodes } from "../../core/i18n.js";

/** @import { SystemNote } from "../types.d.ts" */

/**
 * The sentence of each kind, and its values in the order of the server's sentence. `started` and
 * `no topic` are kinds of this page: the server tells them by what comes along.
 * @type {Record<string, [sentence: string, ...values: string[]]>}
 */
const SENTENCES = {
  created: [t("{by} created the room"), "by"],
  started: [t("Conversation started")],
  joined: [t("{user} joined"), "user"],
  invited: [t("{by} added {user}"), "by", "user"],
  left: [t("{user} left"), "user"],
  removed: [t("{by} removed {user}"), "by", "user"],
  renamed: [t("{by} renamed the room to {name}"), "by", "name"],
  topic: [t("{by} set the topic: {topic}"), "by", "topic"],
  "no topic": [t("{by} removed the topic"), "by"],
  archived: [t("{by} archived the room"), "by"],
  unarchived: [t("{by} opened the room again"), "by"],
};

/**
 * The sentence with what the server's sentence has in it; null where this page does not know the
 * kind, and shows the server's words.
 * @template T
 * @param {Pick<SystemNote, "kind">} system
 * @param {T[]} found names and other values, in the server's order
 * @returns {(T | string)[] | null}
 */
export function systemWords({ kind }, found) {
  const [sentence, ...values] = SENTENCES[exactKind(kind, found.length)] ?? [];
  if (!sentence || values.length !== found.length) return null;
  const named = values.map((name, at) => [name, /** @type {T} */ (found[at])]);
  return withNodes(sentence, Object.fromEntries(named));
}

/**
 * The ids of the people among the values, in the server's order; null for another value.
 * @param {Pick<SystemNote, "kind" | "user">} system
 * @param {string} by the id of the author
 * @param {number} count of values
 */
export function peopleIn({ kind, user }, by, count) {
  const [, ...values] = SENTENCES[exactKind(kind, count)] ?? [];
  const ids = /** @type {Record<string, string | undefined>} */ ({ by, user: user ?? by });
  return values.map((name) => ids[name] ?? null);
}

/** @param {string} kind @param {number} count of values */
function exactKind(kind, count) {
  if (kind === "created" && count === 0) return "started";
  return kind === "topic" && count === 1 ? "no topic" : kind;
}
