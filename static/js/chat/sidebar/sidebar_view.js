/**
 * The list of rooms in sections that fold: favourites, unread, rooms, direct. One change paints one room.
 */
import { t } from "../../core/i18n.js";
import { paintAvatar } from "../../core/ui/avatar.js";
import { arrange, el, icon, iconButton, part } from "../../core/ui/dom.js";
import { openMenu } from "../../core/ui/menu.js";
import { RovingFocus } from "../../core/ui/roving_focus.js";
import { listenForPersonMenu } from "./person_menu.js";
import { makeRoomLink, paintPresence, paintRoomLink } from "./room_link.js";
import { RoomSections, SECTIONS } from "./room_sections.js";

/** @import { Me, Presence, Room } from "../types.d.ts" */
/** @import { Arrangement, RoomOrder, SectionName } from "./room_sections.js" */

/**
 * @typedef {object} SidebarOptions
 * @property {Me} me
 * @property {(slug: string) => void} onOpen
 * @property {() => void} onCreate
 * @property {() => void} onBrowse
 * @property {() => void} onDirect
 * @property {() => void} onJump
 * @property {(order: RoomOrder) => void} onOrder
 * @property {(section: SectionName, isFolded: boolean) => void} onFold
 * @property {(room: string) => boolean} hasDraft
 */

/** @typedef {{ root: HTMLElement, list: HTMLElement, toggle: HTMLElement, hint: string }} SectionParts */

export class SidebarView {
  sections = new RoomSections();
  /** @type {Map<string, HTMLElement>} */
  #links = new Map();
  /** @type {Map<string, Room>} */
  #rooms = new Map();
  /** Ids of direct rooms by that of the other person. @type {Map<string, string>} */
  #directs = new Map();
  /** Rooms in which somebody waits for me. @type {Set<string>} */
  #waiting = new Set();
  /** @type {Presence} */
  #presence = new Map();
  /** @type {ReadonlySet<string>} */
  #folded = new Set();
  /** @type {Map<SectionName, SectionParts>} */
  #parts = new Map();

  /** @param {HTMLElement} root @param {SidebarOptions} options */
  constructor(root, options) {
    this.root = root;
    this.#options = options;
    this.lists = part(root, "lists");
    this.lists.replaceChildren(...SECTIONS.map((name) => this.#section(name)));
    this.#roving = new RovingFocus(this.lists, ".room-link:not([hidden])");
    part(root, "jump").addEventListener("click", () => options.onJump());
    if (/Mac|iP(hone|ad)/.test(navigator.platform))
      /** @type {HTMLElement} */ (root.querySelector("kbd")).textContent = "⌘ K";
    paintAvatar(part(root, "my-avatar"), options.me);
    listenForPersonMenu(root, options.me);
  }

  #options;
  #roving;

  /** @param {SectionName} name */
  #section(name) {
    const [title, hint] = {
      favourites: [t("Favourites"), ""],
      unread: [t("Unread"), ""],
      rooms: [t("Rooms"), t("No rooms yet. Browse the open ones with +.")],
      direct: [t("Direct"), t("Write to someone with +.")],
    }[name];
    const list = el("div.room-list", { id: `rooms-${name}`, "data-section": name });
    const toggle = el(
      "button.room-fold",
      {
        type: "button",
        "aria-expanded": "true",
        "aria-controls": list.id,
        onclick: () => this.#options.onFold(name, !this.#folded.has(name)),
      },
      icon("fold", "small"),
      title,
    );
    const buttons = { rooms: () => this.#roomButtons(), direct: () => [this.#writeButton()] };
    const more = name === "rooms" || name === "direct" ? buttons[name]() : [];
    const head = el("div.room-section-head", el("h2", toggle), ...more);
    const root = el("section.room-section", { "aria-label": title }, head, list);
    this.#parts.set(name, { root, list, toggle, hint: hint ?? "" });
    return root;
  }

  #writeButton() {
    return iconButton("plus", t("Write to someone"), () => this.#options.onDirect());
  }

  #roomButtons() {
    const { onCreate, onBrowse } = this.#options;
    const sort = iconButton("sort", t("Sort the list"), () => openMenu(sort, this.#orders()));
    const add = iconButton("plus", t("Add a room"), () =>
      openMenu(add, [
        { icon: "plus", label: t("Create a room"), run: onCreate },
        { icon: "compass", label: t("Browse open rooms"), run: onBrowse },
      ]),
    );
    for (const button of [sort, add]) button.setAttribute("aria-haspopup", "menu");
    return [sort, add];
  }

  #orders() {
    /** @type {[RoomOrder, string][]} */
    const orders = [
      ["name", t("By name")],
      ["activity", t("By last activity")],
      ["own", t("In my own order")],
    ];
    return orders.map(([order, label]) => ({
      label,
      isChecked: this.sections.arrangement.order === order,
      run: () => this.#options.onOrder(order),
    }));
  }

  /**
   * Everything anew: after a connection, or when the person arranged the list.
   * @param {Room[]} rooms
   * @param {Room | null} current
   * @param {Arrangement} arrangement
   * @param {ReadonlySet<string>} folded names of sections
   */
  reset(rooms, current, arrangement, folded) {
    this.#folded = folded;
    this.#rooms = new Map(rooms.map((room) => [room.id, room]));
    this.#directs = new Map(
      rooms.flatMap(({ id, with: other }) => (other ? [[other.id, id]] : [])),
    );
    for (const id of this.#links.keys()) if (!this.#rooms.has(id)) this.#links.delete(id);
    if (this.sections.current !== (current?.id ?? null)) this.sections.open(current);
    this.sections.reset(rooms, arrangement);
    this.#waiting.clear();
    const focused = document.activeElement;
    for (const room of rooms) this.#paint(room);
    for (const name of SECTIONS) this.#fill(name);
    this.#showWaiting();
    this.#settle();
    // An element that is moved loses the focus.
    if (focused instanceof HTMLElement && this.lists.contains(focused)) focused.focus();
  }

  /** One room is new or has changed. @param {Room} room */
  update(room) {
    this.#rooms.set(room.id, room);
    if (room.with) this.#directs.set(room.with.id, room.id);
    const before = this.sections.sectionOf(room.id);
    const { section, before: next, moved } = this.sections.put(room);
    this.#paint(room);
    this.#showWaiting();
    if (!moved) return;
    const link = /** @type {HTMLElement} */ (this.#links.get(room.id));
    const hadFocus = link === document.activeElement;
    if (!section) link.remove();
    else this.#part(section).list.insertBefore(link, next ? (this.#links.get(next) ?? null) : null);
    if (hadFocus) link.focus();
    // A new room may be the first of its kind, in whichever section it stands.
    const touched = before ? new Set([before, section]) : SECTIONS;
    for (const name of touched) if (name) this.#showSection(name);
    this.#settle();
  }

  /** @param {string} id */
  remove(id) {
    const section = this.sections.sectionOf(id);
    this.#rooms.delete(id);
    this.#waiting.delete(id);
    this.sections.remove(id);
    this.#links.get(id)?.remove();
    this.#links.delete(id);
    if (section) this.#showSection(section);
    this.#showWaiting();
    this.#settle();
  }

  /** Another room is open. @param {Room | null} room */
  open(room) {
    for (const id of this.sections.open(room)) {
      const listed = this.#rooms.get(id);
      if (listed) this.update(listed);
    }
    this.#settle();
  }

  /** A draft was begun or is gone. @param {string} id */
  drafted(id) {
    const room = this.#rooms.get(id);
    if (room) this.#paint(room);
  }

  /** Some people have another state. @param {Presence} presence @param {Iterable<string>} users ids */
  setPresence(presence, users) {
    this.#presence = presence;
    for (const user of users) {
      const link = this.#links.get(this.#directs.get(user) ?? "");
      if (link) paintPresence(link, presence.get(user));
    }
  }

  /** @param {string} id @returns {Room | undefined} */
  room(id) {
    return this.#rooms.get(id);
  }

  /** The rooms in the order in which they stand there, without folded ones. */
  shown() {
    return this.sections.all().filter(({ id }) => !this.#links.get(id)?.hidden);
  }

  /** @param {string} id */
  focus(id) {
    this.#links.get(id)?.focus();
  }

  /** @param {SectionName} name */
  #fill(name) {
    const links = this.sections.list(name).map(({ id }) => this.#links.get(id));
    const { list } = this.#part(name);
    arrange(list, /** @type {HTMLElement[]} */ (links));
    this.#showSection(name);
  }

  /** Its hint, whether it is folded, whether it is there at all. @param {SectionName} name */
  #showSection(name) {
    const { root, list, toggle, hint } = this.#part(name);
    const rooms = this.sections.list(name);
    const isFolded = this.#folded.has(name);
    toggle.setAttribute("aria-expanded", String(!isFolded));
    root.hidden = !rooms.length && !hint;
    list.querySelector(".room-empty")?.remove();
    if (!rooms.length && hint && !isFolded && !this.#isElsewhere(name))
      list.append(el("p.room-empty", hint));
    for (const room of rooms) this.#hide(room, isFolded);
  }

  /** All of a section's rooms stand among the unread or the favourites. @param {SectionName} name */
  #isElsewhere(name) {
    const isDirect = name === "direct";
    return this.sections.all().some(({ kind }) => (kind === "direct") === isDirect);
  }

  /** A folded section shows the open room and what is unread. @param {Room} room @param {boolean} isFolded */
  #hide(room, isFolded) {
    const link = this.#links.get(room.id);
    const isNeeded = room.id === this.sections.current || this.sections.isUnread(room);
    if (link) link.hidden = isFolded && !isNeeded;
  }

  /** @param {SectionName} name */
  #part(name) {
    return /** @type {SectionParts} */ (this.#parts.get(name));
  }

  /** @param {Room} room */
  #paint(room) {
    const link = this.#links.get(room.id) ?? this.#link(room.id);
    const isUnread = this.sections.isUnread(room);
    const isCurrent = room.id === this.sections.current;
    paintRoomLink(link, room, {
      isCurrent,
      isUnread,
      isMuted: this.sections.isMuted(room.id),
      hasDraft: !isCurrent && this.#options.hasDraft(room.id),
      state: this.#presence.get(room.with?.id ?? ""),
    });
    const section = this.sections.sectionOf(room.id);
    if (section) this.#hide(room, this.#folded.has(section));
    const isWaiting = isUnread && !room.archived && room.mentions > 0;
    if (isWaiting) this.#waiting.add(room.id);
    else this.#waiting.delete(room.id);
  }

  /** @param {string} id */
  #link(id) {
    const link = makeRoomLink(({ dataset }) => this.#options.onOpen(dataset.slug ?? ""));
    this.#links.set(id, link);
    return link;
  }

  #showWaiting() {
    const mark = document.querySelector(".menu-mark");
    if (mark instanceof HTMLElement) mark.hidden = this.#waiting.size === 0;
  }

  #settle() {
    const { current } = this.sections;
    this.#roving.settle(current ? this.#links.get(current) : null);
  }
}
