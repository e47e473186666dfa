/** The menu of the room's head that leads to messages: by date, pinned, saved. */
import { t } from "../../core/i18n.js";
import { askForDate } from "./jump_to_date.js";

/** @import { Choice } from "../../core/ui/menu.js" */
/** @import { MessageListView } from "./message_list_view.js" */
/** @import { Reading } from "./reading.js" */

/** @param {MessageListView} view @param {Reading} reading @returns {Choice[]} */
export function roomFinds(view, reading) {
  return [
    {
      icon: "calendar",
      label: t("Jump to a date"),
      run: () => askForDate(view.calendar, (at) => void reading.showSince(at)),
    },
  ];
}
