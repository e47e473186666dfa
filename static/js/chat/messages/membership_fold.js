/** Lines such as "Ana joined" that follow each other, as one line. No DOM. */
import { t, tn } from "../../core/i18n.js";
import { isolated, namesInLine } from "../../core/ui/format.js";

/** @import { Message } from "../types.d.ts" */
/** @import { Entry } from "./message_rows.js" */

const FOLDED = new Set(["joined", "left", "invited", "removed"]);
const NAMED = 2;

/** Whether it is a line about somebody who came or went. @param {Entry} entry @returns {entry is Message} */
export function isMembershipLine(entry) {
  return "system" in entry && !entry.deleted && FOLDED.has(entry.system?.kind ?? "");
}

/** "Ana, Ben and 495 others joined · Cleo left". @param {Message[]} lines in seq order */
export function membershipSentence(lines) {
  /** Names of people by what happened and who did it. @type {Map<string, { first: Message, people: Map<string, string> }>} */
  const groups = new Map();
  for (const line of lines) {
    const kind = line.system?.kind ?? "";
    const key = kind === "invited" || kind === "removed" ? `${kind} ${line.by?.id}` : kind;
    const group = groups.get(key) ?? { first: line, people: new Map() };
    groups.set(key, group);
    const id = line.system?.user ?? line.by?.id ?? "";
    group.people.set(id, line.system?.member?.name ?? line.by?.name ?? "");
  }
  return [...groups.values()].map(sentence).join(" · ");
}

/** @param {{ first: Message, people: Map<string, string> }} group */
function sentence({ first, people }) {
  const names = inLine([...people.values()].map(isolated));
  const by = isolated(first.by?.name ?? "");
  switch (first.system?.kind) {
    case "joined":
      return t("{names} joined", { names });
    case "left":
      return t("{names} left", { names });
    case "invited":
      return t("{by} added {names}", { by, names });
    default:
      return t("{by} removed {names}", { by, names });
  }
}

/** @param {string[]} names */
function inLine(names) {
  if (names.length <= NAMED + 1) return namesInLine(names, NAMED + 1);
  const named = names.slice(0, NAMED).join(", ");
  const others = names.length - NAMED;
  return tn("{names} and {n} other", "{names} and {n} others", others, { names: named });
}
