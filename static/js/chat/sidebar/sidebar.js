/** The sidebar of one person: their rooms, arranged as they chose, with a menu for each. */
import { t } from "../../core/i18n.js";
import { openMenu } from "../../core/ui/menu.js";
import { copyText, orShowError, showToast } from "../../core/ui/prompts.js";
import { makeOrderable } from "./drag_order.js";
import { listenForRoomKeys, nextRoom } from "./room_keys.js";
import { listenForRoomMenu } from "./room_menu.js";
import { SECTIONS } from "./room_sections.js";
import { SidebarView } from "./sidebar_view.js";

/** @import { Preferences } from "../../core/preferences.js" */
/** @import { Choice } from "../../core/ui/menu.js" */
/** @import { Notifications } from "../../notifications/notifications.js" */
/** @import { ChatState } from "../chat_state.js" */
/** @import { RoomActions } from "../rooms/room_actions.js" */
/** @import { Room } from "../types.d.ts" */
/** @import { Move } from "./drag_order.js" */

const FAVOURITES_AT_MOST = 500;

export class Sidebar {
  /**
   * @param {object} parts
   * @param {HTMLElement} parts.root
   * @param {ChatState} parts.chat
   * @param {RoomActions} parts.actions
   * @param {Notifications} parts.notifications
   * @param {Preferences} parts.preferences
   * @param {(slug: string) => void} parts.open
   * @param {() => void} parts.jump
   */
  constructor({ root, chat, actions, notifications, preferences, open, jump }) {
    this.#chat = chat;
    this.#actions = actions;
    this.#notifications = notifications;
    this.#preferences = preferences;
    this.#open = open;
    this.#view = new SidebarView(root, {
      me: chat.me,
      onOpen: open,
      onCreate: () => actions.create(),
      onBrowse: () => actions.browse(),
      onDirect: () => actions.direct(),
      onJump: jump,
      onOrder: (room_order) => preferences.set({ room_order }),
      onFold: (section, isFolded) => this.#fold(section, isFolded),
      hasDraft: (room) => chat.drafts.has(room),
    });
    this.#listen();
  }

  #chat;
  #actions;
  #notifications;
  #preferences;
  #open;
  #view;

  #listen() {
    const chat = this.#chat;
    chat.on("rooms", () => this.#reset());
    chat.on("room", (id) => this.#update(id));
    chat.on("unread", (id) => {
      this.#view.sections.markUnread(id);
      this.#update(id);
    });
    chat.on("presence", (users) => this.#view.setPresence(chat.rooms.presence, users));
    chat.openRooms.on("opened", () => this.#view.open(this.#current));
    for (const sign of /** @type {const} */ (["changed", "written"]))
      chat.drafts.on(sign, (room) => this.#view.drafted(room));
    for (const key of /** @type {const} */ (["sections", "room_order"]))
      this.#preferences.on(key, () => this.#reset());
    this.#notifications.on("levels", () => this.#reset());
    const { lists } = this.#view;
    listenForRoomMenu(lists, (id, link, at) => openMenu(link, this.#choices(id), at));
    makeOrderable(lists, {
      onMove: (move) => this.#move(move),
      onStep: (id, step) => this.#step(id, step),
    });
    listenForRoomKeys(document, {
      next: (step, onlyUnread) => this.#go(step, onlyUnread),
      invite: () => this.#invite(),
    });
  }

  get #current() {
    const room = this.#chat.openRooms.current?.room;
    return room ? (this.#chat.rooms.find(room.id) ?? room) : null;
  }

  #reset() {
    const { favourites, folded, order } = this.#preferences.get("sections");
    const levels = Object.entries(this.#notifications.levels);
    const arrangement = {
      favourites: new Set(favourites),
      muted: new Set(levels.flatMap(([room, level]) => (level === "muted" ? [room] : []))),
      places: new Map(order.map((room, at) => [room, at])),
      order: this.#preferences.get("room_order"),
    };
    const { rooms } = this.#chat;
    this.#view.reset(rooms.all(), this.#current, arrangement, new Set(folded));
    this.#view.setPresence(rooms.presence, rooms.presence.keys());
  }

  /** @param {string} id */
  #update(id) {
    const room = this.#chat.rooms.find(id);
    if (room) this.#view.update(room);
    else this.#view.remove(id);
  }

  /** @param {1 | -1} step @param {boolean} onlyUnread */
  #go(step, onlyUnread) {
    const { sections } = this.#view;
    const isWanted = (/** @type {Room} */ room) => !onlyUnread || sections.isUnread(room);
    const room = nextRoom(this.#view.shown(), sections.current, step, isWanted);
    if (room) this.#open(room.slug);
    else if (onlyUnread) showToast(t("Nothing is unread."));
  }

  #invite() {
    const room = this.#current;
    if (room && room.kind !== "direct" && !room.archived && room.member !== false)
      this.#actions.invite(room);
    else showToast(t("To this conversation nobody can be invited."));
  }

  // The person arranges the list.

  /** @param {string} section @param {boolean} isFolded */
  #fold(section, isFolded) {
    const sections = this.#preferences.get("sections");
    const others = sections.folded.filter((each) => each !== section);
    const folded = isFolded ? [...others, section] : others;
    this.#preferences.set({ sections: { ...sections, folded } });
  }

  /** @param {string} id @param {boolean} isFavourite */
  #favour(id, isFavourite) {
    const sections = this.#preferences.get("sections");
    const others = sections.favourites.filter((each) => each !== id);
    if (isFavourite && others.length >= FAVOURITES_AT_MOST)
      return showToast(t("There are too many favourites already."));
    const favourites = isFavourite ? [...others, id] : others;
    return this.#preferences.set({ sections: { ...sections, favourites } });
  }

  /** @param {Move} move */
  #move({ room, section, before }) {
    const { sections } = this.#view;
    const from = sections.sectionOf(room);
    const isKept = from === section && sections.arrangement.order !== "own";
    if (from !== section) this.#favour(room, section === "favourites");
    if (!isKept && sections.arrangement.order !== "own") return;
    const order = sections.orderWith(room, before, section);
    this.#preferences.set({
      sections: { ...this.#preferences.get("sections"), order },
      room_order: "own",
    });
  }

  /** @param {string} id @param {1 | -1} step */
  #step(id, step) {
    const { sections } = this.#view;
    const section = sections.sectionOf(id);
    if (!section) return;
    const ids = sections.list(section).map((room) => room.id);
    const to = ids.indexOf(id) + step;
    if (to < 0 || to >= ids.length) return;
    const before = ids.filter((each) => each !== id)[to] ?? null;
    this.#move({ room: id, section, before });
    this.#view.focus(id);
  }

  // The menu of a room.

  /** @param {string} id @returns {Choice[]} */
  #choices(id) {
    const room = this.#chat.rooms.find(id);
    if (!room) return [];
    const isDirect = room.kind === "direct";
    return [
      ...this.#readingChoices(room),
      {
        icon: "copy",
        label: t("Copy link"),
        run: () => copyText(`${location.origin}/rooms/${encodeURIComponent(room.slug)}`),
      },
      ...this.#placeChoices(id),
      ...(isDirect ? [] : this.#roomChoices(room)),
    ];
  }

  /** @param {Room} room @returns {Choice[]} */
  #readingChoices(room) {
    const { id } = room;
    const isFavourite = this.#view.sections.arrangement.favourites.has(id);
    const isMuted = this.#view.sections.isMuted(id);
    /** @type {Choice[]} */
    const choices = [
      {
        icon: "star",
        label: isFavourite ? t("Remove from favourites") : t("Add to favourites"),
        run: () => this.#favour(id, !isFavourite),
      },
      {
        icon: isMuted ? "bell" : "bell-off",
        label: isMuted ? t("Unmute") : t("Mute"),
        run: () => this.#notifications.setLevel(id, isMuted ? "mentions" : "muted"),
      },
    ];
    if (room.unread > 0)
      choices.unshift({
        icon: "check",
        label: t("Mark as read"),
        run: () => orShowError(this.#chat.markRead(id)),
      });
    return choices;
  }

  /** @param {string} id @returns {Choice[]} */
  #placeChoices(id) {
    const { sections } = this.#view;
    const section = SECTIONS.find((name) => name === sections.sectionOf(id));
    const ids = section ? sections.list(section).map((room) => room.id) : [];
    if (section === "unread" || ids.length < 2) return [];
    /** @type {Choice[]} */
    const choices = [];
    if (ids[0] !== id)
      choices.push({ icon: "up", label: t("Move up"), run: () => this.#step(id, -1) });
    if (ids.at(-1) !== id)
      choices.push({ icon: "down", label: t("Move down"), run: () => this.#step(id, 1) });
    return choices;
  }

  /** @param {Room} room @returns {Choice[]} */
  #roomChoices(room) {
    return [
      {
        icon: "settings",
        label: t("Room settings"),
        run: () => this.#actions.settings(room),
      },
      {
        icon: "leave",
        label: t("Leave this room"),
        danger: true,
        run: () => this.#actions.leave(room),
      },
    ];
  }
}
