/** Calling very many people at once is asked about first. */

import { confirm } from "../../core/ui/prompts.js";
import { called, MANY } from "./mentions.js";

/** @import { Member } from "../types.d.ts" */

/**
 * @param {string} text
 * @param {Member[]} members with the state of now
 * @param {string} me
 * @returns {true | Promise<boolean>}
 */
export function confirmGroupMention(text, members, me) {
  const count = called(text, members, me);
  if (count <= MANY) return true;
  return confirm({
    title: `Notify ${count} people?`,
    text: "Each of them is told of this message.",
    action: `Notify ${count} people`,
  });
}
