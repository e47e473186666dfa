/** The figures over the charts, each with its change; a click shows its metric in the main chart. */
import { tn } from "../core/i18n.js";
import { part } from "../core/ui/dom.js";
import { count, duration, percent, rate } from "./number_format.js";
import { total } from "./running_figures.js";
import { change } from "./series.js";

/** @import { Change } from "./series.js" */
/** @import { Figures } from "./types.d.ts" */
/** @import { Format } from "./number_format.js" */

/** @typedef {{ of: (figures: Figures) => number | null | undefined, format: Format, isLessBetter?: boolean, note?: (figures: Figures) => string }} Kind `note`: in the place of a comparison */

/** @type {Record<string, Kind>} */
const KINDS = {
  active_users: {
    of: (f) => f.active_users,
    format: count,
    note: (f) => tn("{n} connected", "{n} connected", total(f.connections)),
  },
  page_views: { of: (f) => f.page_views, format: count },
  unique_visitors: { of: (f) => f.unique_visitors, format: count },
  sessions: { of: (f) => f.sessions, format: count },
  messages_per_minute: { of: (f) => f.messages_per_minute, format: rate },
  ack: { of: (f) => f.latency.ack?.p99, format: duration, isLessBetter: true },
  errors: { of: (f) => total(f.errors), format: count, isLessBetter: true },
};

export class FiguresView {
  /** @param {HTMLElement} root @param {(metric: string) => void} onPick */
  constructor(root, onPick) {
    this.buttons = [...root.querySelectorAll("[data-figure]")].filter(
      (button) => button instanceof HTMLElement,
    );
    for (const button of this.buttons)
      button.addEventListener("click", () => onPick(button.dataset.metric ?? ""));
  }

  /** @param {string} metric */
  choose(metric) {
    for (const button of this.buttons)
      button.setAttribute("aria-pressed", String(button.dataset.metric === metric));
  }

  /** @param {Figures | null} figures @param {Figures | null} before null: not compared */
  show(figures, before) {
    for (const button of this.buttons) {
      const kind = KINDS[button.dataset.figure ?? ""];
      if (!kind) continue;
      const now = figures && kind.of(figures);
      setText(part(button, "value"), kind.format(now));
      if (kind.note) {
        setText(part(button, "change"), figures ? kind.note(figures) : "");
        continue;
      }
      const compared = before ? change(now, kind.of(before)) : null;
      showChange(part(button, "change"), compared, kind.isLessBetter ?? false);
    }
  }
}

const SIGNS = { up: "▲", down: "▼", same: "" };
const WORDS = { up: "up", down: "down", same: "" };

/** @param {HTMLElement} root @param {Change | null} change @param {boolean} isLessBetter */
function showChange(root, change, isLessBetter) {
  const text = change ? `${SIGNS[change.direction]} ${percent(change)}`.trim() : "";
  if (root.dataset.text === text) return;
  root.dataset.text = text;
  root.textContent = text;
  root.dataset.sense = sense(change, isLessBetter);
  // The arrow is a sign to the eye only.
  if (change)
    root.setAttribute("aria-label", `${WORDS[change.direction]} ${percent(change)}`.trim());
}

/** @param {Change | null} change @param {boolean} isLessBetter */
function sense(change, isLessBetter) {
  if (!change || change.direction === "same") return "neither";
  return (change.direction === "down") === isLessBetter ? "good" : "bad";
}

/** Write the text only if it changed. @param {HTMLElement} element @param {string} text */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}
