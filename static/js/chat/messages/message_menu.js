/** The menu of a message: everything that is done with it now and then. */
import { t } from "../../core/i18n.js";

/** @import { Choice } from "../../core/ui/menu.js" */
/** @import { Message } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

/** @param {MessageListView} view @param {Message} message */
export function messageChoices(view, message) {
  const { options, toolbar } = view;
  /** @type {Choice[]} */
  const choices = [
    { icon: "link", label: t("Copy link"), run: () => options.onCopyLink?.(message) },
    { icon: "copy", label: t("Copy text"), run: () => options.onCopy?.(message) },
  ];
  choices.push({
    icon: "bookmark",
    label: options.saved?.has(message.id) ? t("Remove from saved") : t("Save for later"),
    run: () => options.onSave?.(message),
  });
  if (!view.isReadOnly)
    choices.push({
      icon: "pin",
      label: message.pinned ? t("Unpin") : t("Pin to the room"),
      run: () => options.onPin?.(message),
    });
  if (view.room?.room.member !== false)
    choices.push({
      icon: "unread",
      label: t("Mark unread from here"),
      run: () => options.onUnread?.(message),
    });
  if (toolbar.canDelete(message))
    choices.push({
      icon: "trash",
      label: t("Delete"),
      danger: true,
      run: () => void toolbar.remove(message),
    });
  return choices;
}
