/** One room in the sidebar: its mark, its name, and what waits in it. */
import { t, tn } from "../../core/i18n.js";
import { dot, paintDot } from "../../core/ui/avatar.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { titleOf } from "./room_sections.js";

/** @import { PresenceState, Room } from "../types.d.ts" */

/**
 * @typedef {object} Look
 * @property {boolean} isCurrent
 * @property {boolean} isUnread
 * @property {boolean} isMuted
 * @property {boolean} hasDraft
 * @property {PresenceState | undefined} state of the other person of a direct conversation
 */

/** @param {(link: HTMLElement) => void} onOpen */
export function makeRoomLink(onOpen) {
  const link = el("a.room-link", {
    // A finger that is held down opens the menu.
    draggable: String(matchMedia("(pointer: fine)").matches),
    onclick: (/** @type {MouseEvent} */ event) => {
      // A click with a modifier opens another tab, as links do.
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
      event.preventDefault();
      onOpen(link);
    },
  });
  return link;
}

/** @param {HTMLElement} link @param {Room} room @param {Look} look */
export function paintRoomLink(link, room, look) {
  const { isCurrent, isUnread, isMuted, hasDraft } = look;
  const count = isUnread ? (room.kind === "direct" ? room.unread : room.mentions) : 0;
  link.setAttribute("href", `/rooms/${encodeURIComponent(room.slug)}`);
  link.dataset.slug = room.slug;
  link.dataset.room = room.id;
  link.classList.toggle("is-unread", isUnread);
  link.classList.toggle("is-muted", isMuted);
  if (isCurrent) link.setAttribute("aria-current", "page");
  else link.removeAttribute("aria-current");
  const parts = [
    room.kind === "direct" ? dot(look.state) : icon(markOf(room)),
    typed("span.room-name", titleOf(room)),
    hasDraft && mark("edit", t("draft")),
    isMuted && mark("bell-off", t("muted")),
    count > 0 && badge(count),
    isUnread && !count && hidden(t(", unread")),
  ];
  link.replaceChildren(...parts.filter((part) => part instanceof Node));
}

/** @param {HTMLElement} link @param {PresenceState | undefined} state */
export function paintPresence(link, state) {
  const mark = link.querySelector(".dot");
  if (mark instanceof HTMLElement) paintDot(mark, state ?? "offline");
}

/** @param {Room} room */
function markOf(room) {
  if (room.archived) return "archive";
  return room.kind === "private" ? "lock" : "hash";
}

/** @param {string} name @param {string} words */
function mark(name, words) {
  return el("span.room-mark", { title: words }, icon(name, "small"), hidden(`, ${words}`));
}

/** @param {number} count */
function badge(count) {
  const words = hidden(` ${tn("for you", "for you", count)}`);
  return el("span.room-count", count > 99 ? "99+" : String(count), words);
}

/** @param {string} words */
function hidden(words) {
  return el("span.visually-hidden", words);
}
