/**
 * Takes the time zone of the person from their first device, and asks when a device has another one.
 * A refusal holds for this device, until it has a third one.
 */
import { t } from "../i18n.js";
import { preferences } from "../preferences.js";
import { deviceZone, isSameTime } from "../time_zone.js";
import { el } from "./dom.js";

/** @import { Preferences } from "../preferences.js" */

const KEY = "parley.time_zone.refused";

/** @param {{ chosen?: Preferences, zone?: string, store?: Pick<Storage, "getItem" | "setItem"> }} [parts] */
export function followTimeZone({
  chosen = preferences,
  zone = deviceZone(),
  store = localStorage,
} = {}) {
  const known = chosen.get("time_zone");
  if (!zone) return;
  if (!known) chosen.set({ time_zone: zone });
  else if (!isSameTime(known, zone) && store.getItem(KEY) !== `${known} ${zone}`)
    ask(known, zone, chosen, () => store.setItem(KEY, `${known} ${zone}`));
}

/** @param {string} known @param {string} zone @param {Preferences} chosen @param {() => void} refused */
function ask(known, zone, chosen, refused) {
  const choice = (
    /** @type {string} */ label,
    /** @type {string} */ kind,
    /** @type {() => void} */ run,
  ) =>
    el(
      "button",
      {
        type: "button",
        class: `button ${kind}`,
        onclick: () => {
          bar.remove();
          run();
        },
      },
      label,
    );
  const names = { zone: readable(zone), known: readable(known) };
  const bar = el(
    "section.question",
    { "aria-label": t("Time zone") },
    el("p", { role: "status" }, t("This device is in {zone}, your settings say {known}.", names)),
    el(
      "div.question-answers",
      choice(t("Use {zone}", names), "", () => chosen.set({ time_zone: zone })),
      choice(t("Keep {known}", names), "quiet", refused),
    ),
  );
  place(bar);
  chosen.on("time_zone", () => bar.remove());
}

/** Where it covers nothing: over the messages, or between the head and the card of a page. @param {HTMLElement} bar */
function place(bar) {
  const questions = document.querySelector("[data-questions]");
  const head = document.querySelector(".page-head");
  if (questions) questions.append(bar);
  else if (head) head.after(bar);
  else document.body.append(bar);
}

/** "America/New_York" → "America/New York". @param {string} zone */
function readable(zone) {
  return zone.replaceAll("_", " ");
}
