/** The ways back to messages: the room's pins, one's own saved messages, a date. */
import { t } from "../../core/i18n.js";
import { openDialog } from "../../core/ui/dialog.js";
import { el, iconButton, typed } from "../../core/ui/dom.js";
import { quoted } from "../../core/ui/format.js";
import { orShowError, showToast } from "../../core/ui/prompts.js";
import { roomMark } from "../directory/directory.js";
import { linkTo } from "../room_links.js";
import { askForDate } from "./jump_to_date.js";

/** @import { Choice } from "../../core/ui/menu.js" */
/** @import { ChatState } from "../chat_state.js" */
/** @import { Message, Room } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */
/** @import { Reading } from "./reading.js" */

/** @typedef {Pick<Room, "kind" | "name"> & Partial<Room>} Place */

const SHOWN = 280;

/**
 * The choices about pins and saving in the menu of a message.
 * @param {ChatState["request"]} request @param {ChatState["saved"]} saved
 */
export function keepingActions(request, saved) {
  return {
    saved,
    onPin: (/** @type {Message} */ { room, id, pinned }) =>
      orShowError(request(pinned ? "message:unpin" : "message:pin", { room, id })),
    onSave: async (/** @type {Message} */ { room, id }) => {
      const on = !saved.has(id);
      if (!(await orShowError(request("message:save", { room, id, on })))) return;
      saved.changed({ id, on });
      showToast(
        on
          ? t("Saved. You find it in the menu over the conversation.")
          : t("Removed from your saved messages."),
      );
    },
  };
}

/**
 * The menu of the room's head.
 * @param {MessageListView} view
 * @param {Reading} reading
 * @param {ChatState} chat
 * @param {(link: string) => unknown} go
 * @returns {Choice[]}
 */
export function roomFinds(view, reading, chat, go) {
  const pins = view.room?.pins.size ?? 0;
  const label = pins ? t("Pinned messages ({n})", { n: pins }) : t("Pinned messages");
  return [
    { icon: "pin", label, run: () => void showPins(view, chat, go) },
    { icon: "bookmark", label: t("Saved messages"), run: () => void showSaved(view, chat, go) },
    {
      icon: "calendar",
      label: t("Jump to a date"),
      run: () => askForDate(view.calendar, (at) => void reading.showSince(at)),
    },
  ];
}

/** @param {MessageListView} view @param {ChatState} chat @param {(link: string) => unknown} go */
export async function showPins(view, chat, go) {
  const room = view.room?.room;
  const answer = room && (await orShowError(chat.request("pins:list", { room: room.id })));
  if (!answer) return;
  const rows = answer.items.map((message) => ({
    message,
    place: null,
    link: linkTo(room, message.id),
  }));
  showList(t("Pinned messages"), t("Nothing is pinned here yet."), rows, { view, go });
}

/** @param {MessageListView} view @param {ChatState} chat @param {(link: string) => unknown} go */
async function showSaved(view, chat, go) {
  const answer = await orShowError(chat.request("saved:list", {}));
  if (!answer) return;
  const rows = answer.items.map(({ room, message }) => {
    return { message, place: chat.rooms.find(room.id) ?? room, link: linkTo(room, message.id) };
  });
  const onRemove = async (/** @type {Message} */ { room, id }) => {
    const done = await orShowError(chat.request("message:save", { room, id, on: false }));
    if (done) chat.saved.changed({ id, on: false });
    return done;
  };
  showList(t("Saved messages"), t("Nothing saved yet."), rows, { view, go, onRemove });
}

/** `place` where the list is of several rooms. @typedef {{ message: Message, place: Place | null, link: string }} Row */

/**
 * @param {string} title
 * @param {string} nothing the sentence of an empty list
 * @param {Row[]} rows
 * @param {{ view: MessageListView, go: (link: string) => unknown, onRemove?: (message: Message) => Promise<unknown> }} how
 */
function showList(title, nothing, rows, { view, go, onRemove }) {
  const list = el("ul.found-messages");
  const empty = el("p.hint", { hidden: rows.length > 0 }, nothing);
  const { dialog } = openDialog(title, [empty, list]);
  for (const row of rows) {
    const open = () => {
      dialog.close();
      if (!go(row.link)) location.assign(row.link);
    };
    const item = el("li", rowButton(row, view, open));
    const remove = async () => {
      if (!(await onRemove?.(row.message))) return;
      item.remove();
      empty.hidden = list.childElementCount > 0;
    };
    if (onRemove) item.append(iconButton("close", t("Take off the list"), remove));
    list.append(item);
  }
  list.querySelector("button")?.focus();
}

/** @param {Row} row @param {MessageListView} view @param {() => void} onclick */
function rowButton({ message, place }, view, onclick) {
  return el(
    "button.found-message",
    { type: "button", onclick },
    el(
      "span.found-head",
      typed("b", message.by?.name ?? ""),
      el("time", { datetime: message.at }, view.calendar.since(message.at)),
      place &&
        el(
          "span.found-place",
          roomMark({ archived: false, ...place }),
          typed("span", place.with?.name ?? place.name),
        ),
    ),
    typed("span", quoted(message.text, SHOWN)),
  );
}
