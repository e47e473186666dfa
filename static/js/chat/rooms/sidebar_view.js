/**
 * The list of rooms: bold where something is unread, a count only where someone is addressed.
 */
import { compare, t } from "../../core/i18n.js";
import { dot, paintAvatar, paintDot } from "../../core/ui/avatar.js";
import { arrange, el, icon, iconButton, part, typed } from "../../core/ui/dom.js";
import { openMenu } from "../../core/ui/menu.js";
import { RovingFocus } from "../../core/ui/roving_focus.js";

/** @import { Me, Presence, Room } from "../types.d.ts" */

/**
 * @typedef {object} SidebarOptions
 * @property {Me} me
 * @property {(slug: string) => void} onOpen
 * @property {() => void} [onCreate]
 * @property {() => void} [onBrowse]
 * @property {() => void} [onDirect]
 * @property {() => void} [onJump]
 */

export class SidebarView {
  /** @param {HTMLElement} root @param {SidebarOptions} options */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    /** @type {Map<string, HTMLElement>} */
    this.links = new Map();
    /** @type {Presence} */
    this.presence = new Map();
    this.rooms = el("div");
    this.directs = el("div");
    this.#build();
    this.roving = new RovingFocus(part(root, "lists"), ".room-link");
  }

  #build() {
    const { onCreate, onBrowse, onDirect, onJump } = this.options;
    const add = iconButton("plus", t("Add a room"), () =>
      openMenu(add, [
        { icon: "plus", label: t("Create a room"), run: () => onCreate?.() },
        { icon: "compass", label: t("Browse open rooms"), run: () => onBrowse?.() },
      ]),
    );
    add.setAttribute("aria-haspopup", "menu");
    const write = iconButton("plus", t("Write to someone"), () => onDirect?.());
    part(this.root, "lists").replaceChildren(
      section(t("Rooms"), add),
      this.rooms,
      section(t("Direct"), write),
      this.directs,
    );
    part(this.root, "jump").addEventListener("click", () => onJump?.());
    if (/Mac|iP(hone|ad)/.test(navigator.platform))
      /** @type {HTMLElement} */ (this.root.querySelector("kbd")).textContent = "⌘ K";
    paintAvatar(part(this.root, "my-avatar"), this.options.me);
  }

  /** @param {Room[]} rooms @param {string | null} currentId */
  setRooms(rooms, currentId) {
    const kept = new Set(rooms.map((room) => room.id));
    for (const id of this.links.keys()) if (!kept.has(id)) this.links.delete(id);
    for (const room of rooms) this.#paint(room, room.id === currentId);
    const shown = rooms.filter((room) => !room.archived || room.id === currentId);
    this.#fill(
      this.rooms,
      shown.filter((room) => room.kind !== "direct"),
      t("No rooms yet. Browse the open ones with +."),
    );
    this.#fill(
      this.directs,
      shown.filter((room) => room.kind === "direct"),
      t("Write to someone with +."),
    );
    this.roving.settle(currentId ? this.links.get(currentId) : null);
    const isWaiting = shown.some((room) => room.id !== currentId && room.mentions > 0);
    const mark = document.querySelector(".menu-mark");
    if (mark instanceof HTMLElement) mark.hidden = !isWaiting;
  }

  /** @param {Presence} presence */
  setPresence(presence) {
    this.presence = presence;
    for (const link of this.links.values()) {
      const mark = link.querySelector(".dot");
      if (mark instanceof HTMLElement)
        paintDot(mark, presence.get(link.dataset.user ?? "") ?? "offline");
    }
  }

  /** @param {HTMLElement} list @param {Room[]} rooms @param {string} hint For an empty list. */
  #fill(list, rooms, hint) {
    const sorted = [...rooms].sort((a, b) => compare(title(a), title(b)));
    const links = sorted.map((room) => /** @type {HTMLElement} */ (this.links.get(room.id)));
    arrange(list, links.length ? links : [el("p.room-empty", hint)]);
  }

  /** @param {Room} room @param {boolean} isCurrent */
  #paint(room, isCurrent) {
    const link = this.links.get(room.id) ?? this.#link(room);
    const isUnread = room.unread > 0 && !isCurrent;
    const count = isUnread ? (room.kind === "direct" ? room.unread : room.mentions) : 0;
    link.setAttribute("href", `/rooms/${encodeURIComponent(room.slug)}`);
    link.dataset.slug = room.slug;
    link.classList.toggle("is-unread", isUnread);
    if (isCurrent) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
    link.replaceChildren(this.#mark(room), typed("span.room-name", title(room)));
    if (count) link.append(badge(count));
    else if (isUnread) link.append(el("span.visually-hidden", `, ${t("unread")}`));
  }

  /** @param {Room} room */
  #link(room) {
    const link = el("a.room-link", {
      "data-user": room.with?.id,
      onclick: (/** @type {MouseEvent} */ event) => {
        // A click with a modifier opens another tab, as links do.
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        this.options.onOpen(link.dataset.slug ?? "");
      },
    });
    this.links.set(room.id, link);
    return link;
  }

  /** @param {Room} room */
  #mark(room) {
    if (room.kind === "direct") return dot(this.presence.get(room.with?.id ?? ""));
    return icon(room.archived ? "archive" : room.kind === "private" ? "lock" : "hash");
  }
}

/** @param {string} name @param {HTMLElement} add */
function section(name, add) {
  return el("div.room-section-head", el("h2", name), add);
}

/** @param {number} count */
function badge(count) {
  const words = el("span.visually-hidden", ` ${t("for you")}`);
  return el("span.room-count", count > 99 ? "99+" : String(count), words);
}

/** @param {Room} room */
function title(room) {
  return room.kind === "direct" ? (room.with?.name ?? room.name) : room.name;
}
