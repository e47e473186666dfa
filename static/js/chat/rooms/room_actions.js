/** The person's actions on rooms: open, create, browse, join, invite, change, leave. */
import { isolated } from "../../core/ui/format.js";
import { confirm, orShowError } from "../../core/ui/prompts.js";
import { SidePanels } from "../side_panels.js";
import {
  browseRooms,
  createRoom,
  directMessage,
  inviteToRoom,
  roomSettings,
} from "./room_dialogs.js";

/** @import { Member, Room } from "../types.d.ts" */
/** @import { Chat } from "../chat.js" */

const FIRST_ROOM = "hallway";

export class RoomActions {
  panels = new SidePanels(document);

  /** @param {Chat} chat */
  constructor(chat) {
    this.#chat = chat;
    addEventListener("popstate", () => this.#go(slugInAddress()));
  }

  #chat;

  /** @param {string} slug */
  open(slug) {
    const room = this.#chat.rooms.find(slug);
    const address = `/rooms/${encodeURIComponent(slug)}`;
    if (!room) return location.assign(address);
    if (location.pathname !== address) history.pushState(null, "", address);
    this.#go(slug);
  }

  /** @param {string} slug */
  #go(slug) {
    const { rooms, openRooms } = this.#chat;
    const room = rooms.find(slug);
    // Not one of my rooms: the server decides whether I may read it.
    if (!room) return location.reload();
    if (openRooms.current?.room.id !== room.id) openRooms.open(room);
    this.panels.close();
  }

  /** @param {Room} room @returns {boolean} */
  canManage(room) {
    const { id, role } = this.#chat.me;
    return room.kind !== "direct" && (room.owner === id || role === "admin");
  }

  /** Become a member of an open room. @param {Room} room */
  join(room) {
    const joined = { ...room, member: true };
    this.#chat.listed({ ...BLANK, ...joined });
    if (this.#chat.openRooms.current?.room.id === room.id) this.#chat.openRooms.open(joined);
    else this.open(room.slug);
  }

  create() {
    createRoom(async (values) => this.#enter(await this.#chat.request("room:create", values)));
  }

  browse() {
    const load = async () => (await this.#chat.request("rooms:browse", {})).rooms;
    browseRooms(load, (room) => this.join(room));
  }

  /** Open a direct conversation; without `user` a dialog asks for a name. @param {string} [user] */
  direct(user) {
    const ask = async (/** @type {{ user: string }} */ who) =>
      this.#enter(await this.#chat.request("direct:open", who));
    if (user) return orShowError(ask({ user }));
    return directMessage(this.people(), ask);
  }

  /** @param {{ room: Room }} answer */
  #enter({ room }) {
    this.#chat.listed(room);
    this.open(room.slug);
  }

  /** The other members of the open room, as suggestions. @returns {Member[]} */
  people() {
    const { me, openRooms } = this.#chat;
    return (openRooms.current?.members ?? []).filter((member) => member.id !== me.id);
  }

  /** @param {Room} room */
  invite(room) {
    inviteToRoom(room, ({ user }) => this.#chat.request("room:invite", { room: room.id, user }));
  }

  /** @param {Room} room @param {Member} member */
  async remove(room, member) {
    const isSure = await confirm({
      title: `Remove ${isolated(member.name)}?`,
      text: `They get no more messages of ${isolated(room.name)}.`,
      action: "Remove",
      danger: true,
    });
    if (isSure)
      await orShowError(this.#chat.request("room:remove", { room: room.id, user: member.id }));
  }

  /** @param {Room} room */
  settings(room) {
    const { request } = this.#chat;
    roomSettings(room, {
      canManage: this.canManage(room),
      onUpdate: (change) => request("room:update", { room: room.id, ...change }),
      onArchive: () => orShowError(request("room:archive", { room: room.id })),
      onQuit: () => this.#quit(room),
    });
  }

  /** @param {Room} room */
  async #quit(room) {
    if (!(await orShowError(this.#chat.request("room:quit", { room: room.id })))) return;
    this.#chat.left(room.id);
    const rooms = this.#chat.rooms.list();
    const next = rooms.find(({ slug }) => slug === FIRST_ROOM) ?? rooms[0];
    if (next) this.open(next.slug);
  }
}

/** Defaults for a room that is not in my list yet; joining it brings the real values. */
const BLANK = { rev: 0, unread: 0, mentions: 0, last_read: 0 };

function slugInAddress() {
  return decodeURIComponent(location.pathname.split("/").pop() ?? "");
}
