/** How an event is sent, with this server's own address; over everything while nothing was counted. */
import { part } from "../../views/dom.js";
import { element } from "../account_page.js";
import { copy } from "../attempt.js";

const EVENT = { event_type: "signup", session_id: "visitor-1", properties: { plan: "team" } };

export class FirstEvent {
  constructor() {
    for (const root of document.querySelectorAll(".command")) {
      part(root, "command").textContent = command();
      part(root, "copy").addEventListener("click", () => copy(command()));
    }
  }

  /** @param {number} events of all time */
  show(events) {
    element("first-event").hidden = events > 0;
    element("shown").hidden = events === 0;
  }
}

function command() {
  return [
    `curl ${location.origin}/api/analytics/events \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify(EVENT)}'`,
  ].join("\n");
}
