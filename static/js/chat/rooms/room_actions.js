/** The person's actions on rooms: open, create, browse, join, invite, change, leave. */
import { t } from "../../core/i18n.js";
import { isolated } from "../../core/ui/format.js";
import { confirm, orShowError } from "../../core/ui/prompts.js";
import { Directory } from "../directory/directory.js";
import { inviteLink } from "../people/invite_link.js";
import { SidePanels } from "../side_panels.js";
import {
  askLeave,
  browseRooms,
  createRoom,
  directMessage,
  inviteToRoom,
  roomSettings,
} from "./room_dialogs.js";

/** @import { FoundPerson, FoundRoom, Member, Room } from "../types.d.ts" */
/** @import { ChatState } from "../chat_state.js" */

const FIRST_ROOM = "hallway";

export class RoomActions {
  panels = new SidePanels(document);

  /** @param {ChatState} chat */
  constructor(chat) {
    this.#chat = chat;
    this.directory = new Directory(chat);
    addEventListener("popstate", () => this.#go(slugInAddress()));
  }

  #chat;

  /** @param {string} slug @param {string} [message] the id of a message that the address names too */
  open(slug, message = "") {
    const room = this.#chat.rooms.find(slug);
    const hash = message && `#${message}`;
    const address = `/rooms/${encodeURIComponent(slug)}${hash}`;
    if (!room) return location.assign(address);
    if (location.pathname + location.hash !== address) history.pushState(null, "", address);
    this.#go(slug);
  }

  /** @param {string} slug */
  #go(slug) {
    const { rooms, openRooms } = this.#chat;
    const room = rooms.find(slug);
    // Not one of my rooms: the server decides whether I may read it.
    if (!room) return location.reload();
    this.panels.close();
    if (openRooms.current?.room.id !== room.id) openRooms.open(room);
  }

  /** @param {Pick<Room, "kind" | "owner">} room @returns {boolean} */
  canManage(room) {
    const { id, role } = this.#chat.me;
    return room.kind !== "direct" && (room.owner === id || role === "admin");
  }

  /** Become a member of an open room. @param {Room | FoundRoom} room */
  join(room) {
    const joined = { ...room, member: true };
    this.#chat.listed({ ...BLANK, ...joined });
    if (this.#chat.openRooms.current?.room.id === room.id)
      this.#chat.openRooms.open({ ...BLANK, ...joined });
    else this.open(room.slug);
  }

  /** @returns {Promise<void>} when the dialog is closed */
  create() {
    return createRoom(this.directory, async (values) =>
      this.#enter(await this.#chat.request("room:create", values)),
    );
  }

  browse() {
    browseRooms({
      directory: this.directory,
      mine: () => this.#archivedOfMine(),
      canManage: (room) => this.canManage(room),
      onJoin: (room) => this.join(room),
      onLook: (room) => this.open(room.slug),
      onReopen: (room) => this.reopen(room),
      onCreate: () => this.create(),
    });
  }

  /** Archived rooms of mine that are not open: a search for rooms finds open ones only. @returns {FoundRoom[]} */
  #archivedOfMine() {
    return this.#chat.rooms
      .list()
      .filter(({ archived, kind }) => archived && kind === "private")
      .map((room) => ({ ...room, member: true }));
  }

  /** @param {{ id: string }} room @returns {Promise<boolean>} whether it is open again */
  async reopen({ id }) {
    if (!(await orShowError(this.#chat.request("room:unarchive", { room: id })))) return false;
    const open = this.#chat.openRooms.at(id);
    // A reader who is no member is not told.
    if (open) open.room = { ...open.room, archived: false };
    this.#chat.emit("room", id);
    return true;
  }

  /** Open a direct conversation; without `user` a dialog asks for a name. @param {string} [user] an id @returns {Promise<unknown>} */
  direct(user) {
    if (!user) return directMessage(this.directory, (id) => this.direct(id));
    const ask = async () => this.#enter(await this.#chat.request("direct:open", { user }));
    return orShowError(ask());
  }

  /** @param {{ room: Room }} answer */
  #enter({ room }) {
    this.#chat.listed(room);
    this.open(room.slug);
  }

  /** Invite people to a room; the only person of a server invites to the server. @param {Room} room */
  async invite(room) {
    const isAdmin = this.#chat.me.role === "admin";
    if (isAdmin && (await this.#isAlone())) return inviteLink();
    return inviteToRoom(
      room,
      this.directory,
      (user) => this.#chat.request("room:invite", { room: room.id, user }),
      { isAdmin },
    );
  }

  /** Whether nobody but me has an account. Without an answer of the server that is not so. */
  async #isAlone() {
    const isSomebody = (/** @type {FoundPerson} */ { bot }) => !bot;
    if (this.directory.nearby().some(isSomebody)) return false;
    const people = await this.directory.people("").catch(() => null);
    return people !== null && !people.some(isSomebody);
  }

  /** Takes somebody out of the open room; null where I may not, or they are not in it. @param {string} user */
  removal(user) {
    const open = this.#chat.openRooms.current;
    if (!open || !this.canManage(open.room)) return null;
    const member = open.members.find(({ id }) => id === user);
    // Of a very large room not all are held: the server knows.
    const name = member?.name ?? (open.people.isPart ? open.nameOf(user) : undefined);
    return name === undefined ? null : () => this.remove(open.room, { id: user, name });
  }

  /** @param {Room} room @param {Pick<Member, "id" | "name">} member */
  async remove(room, member) {
    const isSure = await confirm({
      title: t("Remove {name}?", { name: isolated(member.name) }),
      text: t("They get no more messages of {room}.", { room: isolated(room.name) }),
      action: t("Remove"),
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
      onReopen: () => this.reopen(room),
      onQuit: () => this.#quit(room),
    });
  }

  /** End my membership, when I am sure. @param {Room} room */
  async leave(room) {
    if (await askLeave(room)) await this.#quit(room);
  }

  /** @param {Room} room */
  async #quit(room) {
    const isOpen = this.#chat.openRooms.current?.room.id === room.id;
    if (!(await orShowError(this.#chat.request("room:quit", { room: room.id })))) return;
    this.#chat.left(room.id);
    if (!isOpen) return;
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
