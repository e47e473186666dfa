/** Event types that Parley counts by itself; all others somebody sends on purpose. No I/O. */
import { listed } from "./running_figures.js";

/** @import { Figures } from "./types.d.ts" */

export const VIEW = "page_view";
const OF_PARLEY = new Set([
  VIEW,
  "user_login",
  "user_joined",
  "message_sent",
  "reaction_added",
  "connection_opened",
]);

/** Those that somebody sends, the commonest first. @param {Pick<Figures, "event_counts">} figures */
export function customTypes({ event_counts }) {
  return listed(event_counts)
    .map(({ name }) => name)
    .filter((name) => !OF_PARLEY.has(name));
}
