/** The module of the announcements page: previews the announcement while it is written. */
import { t } from "../core/i18n.js";
import { byId, part } from "../core/ui/dom.js";
import { startNotifications } from "./start_notifications.js";

startNotifications();

const form = document.getElementById("announcement");
if (form instanceof HTMLFormElement) follow(form);

/** @param {HTMLFormElement} written */
function follow(written) {
  const preview = byId("preview");
  const title = part(preview, "preview-title");
  const body = part(preview, "preview-body");
  const people = /** @type {HTMLInputElement} */ (byId("people"));
  const show = () => {
    const values = new FormData(written);
    preview.hidden = false;
    title.textContent = String(values.get("title")).trim() || t("Title");
    body.textContent = String(values.get("body"));
    people.required = values.get("to") === "people";
  };
  // Typing names selects "these people".
  people.addEventListener("input", () => {
    const some = written.querySelector('[name="to"][value="people"]');
    if (some instanceof HTMLInputElement && people.value) some.checked = true;
  });
  written.addEventListener("input", show);
  show();
}
