/**
 * The top of a conversation: the room's beginning, or that there is no such room.
 */
import { t } from "../../core/i18n.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { isolated } from "../../core/ui/format.js";

/** @import { Room } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

export class MessageListTop {
  /** The server can't be reached: what is not here does not come now. */
  isCutOff = false;

  /** @param {HTMLElement} root @param {MessageListView} view */
  constructor(root, view) {
    this.#root = root;
    this.#view = view;
  }

  #root;
  #view;

  /** @returns {boolean} whether anything is different now */
  draw() {
    const { room, about, items, pending, options } = this.#view;
    const isEmpty = items.every((item) => item.system) && pending.length === 0;
    const hasOlder = room !== null && (room.hasOlder || !room.isLoaded);
    const isMissing = this.isCutOff && room !== null && !room.isLoaded;
    return paintTop(this.#root, { room: about, isEmpty, hasOlder, isMissing }, options.onInvite);
  }
}

/**
 * @param {HTMLElement} top
 * @param {{ room: Room | null, isEmpty: boolean, hasOlder: boolean, isMissing: boolean }} shown
 *   `isEmpty`: nobody has written yet; `isMissing`: nothing of the room is here, and nothing comes
 * @param {(() => void) | undefined} onInvite
 * @returns {boolean} whether anything is different now
 */
function paintTop(top, { room, isEmpty, hasOlder, isMissing }, onInvite) {
  const state = JSON.stringify([
    hasOlder,
    isEmpty,
    isMissing,
    room?.id,
    room?.name,
    room?.topic,
    room?.archived,
    room?.member,
  ]);
  if (top.dataset.state === state) return false;
  top.dataset.state = state;
  if (!room) top.replaceChildren(missingRoom());
  else if (isMissing) top.replaceChildren(notHere(room));
  else if (hasOlder) top.replaceChildren(el("p.messages-loading", t("Loading earlier messages…")));
  else top.replaceChildren(roomStart(room, isEmpty, onInvite));
  return true;
}

/**
 * @param {Room} room
 * @param {boolean} isEmpty Nobody has written yet.
 * @param {(() => void) | undefined} onInvite
 */
function roomStart(room, isEmpty, onInvite) {
  const start = el("div.room-start", icon(mark(room)), typed("h2", title(room)));
  if (room.topic) start.append(typed("p", room.topic));
  start.append(el("p", isEmpty ? nextStep(room) : t("This is where it begins.")));
  if (isEmpty && onInvite && room.kind !== "direct" && !room.archived && room.member !== false)
    start.append(
      el("button.button.quiet", { type: "button", onclick: onInvite }, t("Invite people")),
    );
  return start;
}

/** A room that this browser has kept nothing of, while the server can't be reached. @param {Room} room */
function notHere(room) {
  return el(
    "div.room-start",
    icon(mark(room)),
    typed("h2", title(room)),
    el("p", t("This room is not here yet. Its messages come as soon as you are back online.")),
  );
}

/** The sentence of a room that is not there, alike for one that may not be seen. */
function missingRoom() {
  return el(
    "div.room-start",
    icon("compass"),
    el("h2", t("No such room")),
    el(
      "p",
      t(
        "It may have been renamed, or it is private and you are not in it. Choose another room from the list, or ask a member to invite you.",
      ),
    ),
  );
}

/** @param {Room} room */
function title(room) {
  return room.kind === "direct"
    ? t("You and {name}", { name: isolated(room.with?.name ?? room.name) })
    : room.name;
}

/** @param {Room} room */
function mark(room) {
  return { open: "hash", private: "lock", direct: "people" }[room.kind];
}

/** @param {Room} room */
function nextStep(room) {
  if (room.archived) return t("Nobody wrote here before it was archived.");
  if (room.kind === "direct") return t("Only the two of you can read this. Say hello.");
  if (room.kind === "private")
    return t(
      "Only its members can find and read this room. Invite someone, or write the first message.",
    );
  if (room.member === false) return t("Nobody has written here yet.");
  return t(
    "Everyone here can find and read this room. Write the first message, or invite someone to it.",
  );
}
