/** The dialog that asks for a day, to read what was written then. */
import { t } from "../../core/i18n.js";
import { formDialog } from "../../core/ui/dialog.js";
import { el } from "../../core/ui/dom.js";
import { MonthView } from "../../core/ui/month_view.js";

/** @import { Calendar } from "../../core/ui/format.js" */

/** @param {Calendar} calendar @param {(at: string) => void} onChoose gets the beginning of the day, RFC 3339 */
export function askForDate(calendar, onChoose) {
  const today = calendar.isoDay(new Date().toISOString());
  const about = { type: "date", name: "day", id: "dialog-day", required: true };
  const day = el("input", { ...about, max: today, value: today });
  const field = el("div.field", el("label", { for: "dialog-day" }, t("Day")), day);
  const month = new MonthView({
    day: today,
    max: today,
    onChoose: (chosen) => {
      day.value = chosen;
      day.form?.requestSubmit();
    },
  });
  day.addEventListener("input", () => day.value && day.value <= today && month.show(day.value));
  formDialog(t("Jump to a date"), [field, month.element], t("Jump"), (values) =>
    onChoose(calendar.startOf(values.day ?? today)),
  );
}
