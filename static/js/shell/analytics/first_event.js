/**
 * How an event is sent, with this server's own address: over everything while nothing was counted
 * but what Parley itself does from the first sign-in on.
 */
import { ownTypes } from "../../core/analytics/own.js";
import { write } from "../../views/analytics/figures.js";
import { part } from "../../views/dom.js";
import { element } from "../account_page.js";
import { copy } from "../attempt.js";

/** @import { Figures } from "../../types/analytics.d.ts" */

const BEGINNING = 50;
const BEGUN = "Counting has begun";
const EVENT = { event_type: "signup", session_id: "visitor-1", properties: { plan: "team" } };

export class FirstEvent {
  constructor() {
    for (const root of document.querySelectorAll(".command")) {
      part(root, "command").textContent = command();
      part(root, "copy").addEventListener("click", () => copy(command()));
    }
  }

  /** @param {Figures} live of all time */
  show(live) {
    const { events } = live;
    const isBeginning = events < BEGINNING && ownTypes(live).length === 0;
    element("first-event").hidden = !isBeginning;
    element("shown").hidden = events === 0;
    write(element("first-event-title"), events ? BEGUN : "Nothing has been counted yet");
  }
}

function command() {
  return [
    `curl ${location.origin}/api/analytics/events \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify(EVENT)}'`,
  ].join("\n");
}
