/**
 * The settings page: each preference holds as soon as it is chosen. Without this module the form has
 * a button to save.
 */

import { t } from "../core/i18n.js";
import { preferences } from "../core/preferences.js";
import { deviceZone } from "../core/time_zone.js";
import { byId } from "../core/ui/dom.js";
import { showToast } from "../core/ui/prompts.js";
import { startNotifications } from "../notifications/start_notifications.js";
import { followParts } from "./contents.js";

/** @import { Preferences } from "../core/types.d.ts" */

const NUMBERS = new Set(["emoji_skin_tone"]);

/** @param {HTMLSelectElement} select */
async function choose(select) {
  const value = NUMBERS.has(select.name) ? Number(select.value) : select.value;
  // Without a zone the page would stay without one until its next load.
  const isOfDevice = select.name === "time_zone" && value === "";
  const changes = { [select.name]: isOfDevice ? deviceZone() : value };
  const isSaved = await preferences.set(/** @type {Partial<Preferences>} */ (changes));
  // The words of the page are in its old language.
  if (isSaved && select.name === "language") location.reload();
  else if (isSaved) showToast(t("Saved"));
  else showToast(t("Saved in this browser. The server gets it as soon as it answers."));
}

const form = byId("preferences-form");
for (const select of form.querySelectorAll("select")) {
  select.addEventListener("change", () => choose(select));
  const key = /** @type {keyof Preferences} */ (select.name);
  const show = () => {
    select.value = String(preferences.get(key));
  };
  preferences.on(key, show);
  show();
}
for (const button of form.querySelectorAll("button")) button.hidden = true;
const contents = document.querySelector(".contents");
if (contents instanceof HTMLElement) followParts(contents);
startNotifications();
