/**
 * Shows how to send an event to this server, above everything else while no custom events were
 * counted.
 */
import { t } from "../core/i18n.js";
import { byId, part } from "../core/ui/dom.js";
import { copyText } from "../core/ui/prompts.js";
import { customTypes } from "./custom_events.js";
import { setText } from "./figures_view.js";

/** @import { Figures } from "./types.d.ts" */

const BEGINNING = 50;
const BEGUN = t("Counting has begun");
const EVENT = { event_type: "signup", session_id: "visitor-1", properties: { plan: "team" } };

export class FirstEvent {
  constructor() {
    for (const root of document.querySelectorAll(".command")) {
      part(root, "command").textContent = command();
      part(root, "copy").addEventListener("click", () => copyText(command()));
    }
  }

  /** @param {Figures} live of all time */
  show(live) {
    const { events } = live;
    const isBeginning = events < BEGINNING && customTypes(live).length === 0;
    byId("first-event").hidden = !isBeginning;
    byId("dashboard").hidden = events === 0;
    setText(byId("first-event-title"), events ? BEGUN : t("Nothing has been counted yet"));
  }
}

function command() {
  return [
    `curl ${location.origin}/api/analytics/events \\`,
    "  -H 'Content-Type: application/json' \\",
    `  -d '${JSON.stringify(EVENT)}'`,
  ].join("\n");
}
