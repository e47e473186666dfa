/** Tells custom event types from those that Parley counts by itself. No I/O. */
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

/** The custom event types, the most common first. @param {Pick<Figures, "event_counts">} figures */
export function customTypes({ event_counts }) {
  return listed(event_counts)
    .map(({ name }) => name)
    .filter((name) => !OF_PARLEY.has(name));
}
