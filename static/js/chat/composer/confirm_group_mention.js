/** Asks for confirmation before a message notifies very many people. */
import { t, tn } from "../../core/i18n.js";
import { confirm } from "../../core/ui/prompts.js";
import { ASK_ABOVE, groupMentionCount } from "./mentions.js";

/** @import { Member } from "../types.d.ts" */

/**
 * @param {string} text
 * @param {Member[]} members with the state of now
 * @param {string} me
 * @param {{ count?: number, online?: number | undefined }} [room] where only some members are held
 * @returns {true | Promise<boolean>}
 */
export function confirmGroupMention(text, members, me, room) {
  const count = groupMentionCount(text, members, me, room);
  if (count <= ASK_ABOVE) return true;
  return confirm({
    title: tn("Notify {n} person?", "Notify {n} people?", count),
    text: t("Each of them is told of this message."),
    action: tn("Notify {n} person", "Notify {n} people", count),
  });
}
