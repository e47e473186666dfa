/** The open room on the page: its messages and its people, and what they ask for. */

import { byId } from "../core/ui/dom.js";
import { isolated } from "../core/ui/format.js";
import { copyText, orShowError } from "../core/ui/prompts.js";
import { Composer } from "./composer/composer.js";
import { MemberListView } from "./members/member_list_view.js";
import { TypingView } from "./members/typing_view.js";
import { LinkedMessage } from "./messages/linked_message.js";
import { MessageListView } from "./messages/message_list_view.js";
import { RoomHeadView } from "./rooms/room_head_view.js";
import { countUnread } from "./rooms/room_list.js";

/** @import { Member, Message, Pending } from "./types.d.ts" */
/** @import { OpenRoom } from "./rooms/open_room.js" */
/** @import { RequestError } from "../core/errors.js" */
/** @import { Chat } from "./chat.js" */
/** @import { RoomActions } from "./rooms/room_actions.js" */

const ARRIVALS = new Set(["joined", "invited"]);
const DEPARTURES = new Set(["left", "removed"]);
const MEMBERS_WITHIN_MS = 2_000;
const CHOOSE = "Choose a room on the left, or browse the open ones with +.";

export class Conversation {
  /** @type {OpenRoom | null} */
  #room = null;
  /** @type {(() => void)[]} */
  #listening = [];
  #isRefreshing = false;
  #whyClosed = CHOOSE;

  /**
   * @param {Chat} chat
   * @param {RoomActions} actions
   */
  constructor(chat, actions) {
    this.#chat = chat;
    this.#actions = actions;
    this.#messages = new MessageListView(byId("messages"), {
      template: /** @type {HTMLTemplateElement} */ (byId("message-template")),
      me: chat.me,
      ...this.#messageActions(),
    });
    this.#writing = new Composer(chat, byId("composer"), {
      onEscape: () => this.#messages.focusLast(),
      lastOwn: () => this.#messages.lastOwn(),
    });
    this.#composer = this.#writing.composer;
    this.#people = new MemberListView(byId("people"), {
      me: chat.me,
      canManage: () => this.#room !== null && actions.canManage(this.#room.room),
      onInvite: () => this.#withRoom((room) => actions.invite(room.room)),
      onRemove: (member) => this.#withRoom((room) => actions.remove(room.room, member)),
      onDirect: (member) => actions.direct(member.id),
    });
    this.#head = new RoomHeadView(byId("room-head"), {
      onSettings: () => this.#withRoom((room) => actions.settings(room.room)),
      onPeople: () => actions.panels.togglePeople(),
      onMenu: () => actions.panels.openRooms(),
    });
    this.#typing = new TypingView(byId("typing"));
    this.#linkedMessage = new LinkedMessage({
      show: (id) => this.#messages.goTo(id),
      older: (before) => this.#history(before),
    });
    chat.openRooms.on("opened", (room) => this.#opened(room));
    chat.openRooms.on("gone", (_, why) => this.#gone(why));
    chat.outbox.on("changed", () => this.#update([]));
    chat.on("presence", () => this.#showPresence());
    chat.on("typing", () => this.#showTyping());
    chat.on("rooms", () => this.#showHead());
  }

  #chat;
  #actions;
  #messages;
  #writing;
  #composer;
  #people;
  #head;
  #typing;
  #linkedMessage;

  /** @param {(room: OpenRoom) => void} run */
  #withRoom(run) {
    if (this.#room) run(this.#room);
  }

  #messageActions() {
    const { outbox, request } = this.#chat;
    const of = (/** @type {Message} */ { room, id }) => ({ room, id });
    return {
      onHistory: (/** @type {number} */ before) => this.#history(before),
      onReply: (/** @type {Message} */ message) => this.#composer.startReply(message),
      onEdit: (/** @type {Message} */ message) => this.#composer.startEdit(message),
      onDelete: (/** @type {Message} */ message) =>
        orShowError(request("message:delete", of(message))),
      onReact: (
        /** @type {Message} */ message,
        /** @type {string} */ emoji,
        /** @type {boolean} */ add,
      ) =>
        orShowError(request(add ? "reaction:add" : "reaction:remove", { ...of(message), emoji })),
      onRetry: (/** @type {Pending} */ pending) => outbox.retry(pending.client_id),
      onCopy: (/** @type {{ text: string }} */ entry) => copyText(entry.text),
      onDiscard: (/** @type {Pending} */ pending) => outbox.discard(pending.client_id),
      onVisible: (/** @type {number} */ seq) => this.#seen(seq),
      onEscape: () => this.#composer.focus(),
      onInvite: () => this.#withRoom((room) => this.#actions.invite(room.room)),
    };
  }

  // What the core tells.

  /** @param {OpenRoom | null} room */
  #opened(room) {
    for (const stop of this.#listening) stop();
    this.#chat.typing.stopped();
    this.#room = room;
    this.#writing.room = room;
    this.#whyClosed = CHOOSE;
    this.#listening = room
      ? [
          room.on("shown", ({ keep }) => this.#draw(keep)),
          room.on("changed", (items) => this.#changed(room, items)),
          room.on("about", () => this.#about(room)),
          room.on("reads", () => this.#messages.setReads(room.reads, room.members)),
        ]
      : [];
    this.#draw(false);
  }

  /** @param {boolean} keep the reader's place */
  #draw(keep) {
    const room = this.#room;
    if (!room) {
      this.#messages.show(null);
    } else {
      const { id } = room.room;
      this.#messages.show(room.view(this.#chat.outbox.pending(id)), { keep });
      this.#chat.outbox.settle(id, [...room.stream.items.values()], room.stream.cursor);
      this.#count(room);
    }
    this.#showMembers();
    this.#showHead();
    this.#linkedMessage.seek(room);
  }

  /** @param {RequestError} why */
  #gone(why) {
    this.#whyClosed = why.message;
    this.#showHead();
  }

  /** @param {OpenRoom} room @param {Message[]} items */
  #changed(room, items) {
    // First the message, then without what was on its way: it keeps its place on the page.
    this.#update(items);
    this.#chat.outbox.settle(room.room.id, items, room.stream.cursor);
    this.#count(room);
    this.#followMembers(room, items);
  }

  /** @param {Message[]} items */
  #update(items) {
    this.#withRoom(({ room }) => this.#messages.update(items, this.#chat.outbox.pending(room.id)));
  }

  /** @param {OpenRoom} room */
  #count({ room: { id }, stream, hasOlder }) {
    const { rooms, me } = this.#chat;
    const listed = rooms.find(id);
    if (!listed) return;
    const counts = countUnread(stream.items.values(), listed.last_read, me.id);
    const isAllHere = !hasOlder || stream.floor <= listed.last_read;
    if (isAllHere || counts.unread > listed.unread) this.#chat.counted({ room: id, ...counts });
  }

  /** @param {OpenRoom} room @param {Message[]} items */
  #followMembers(room, items) {
    const kinds = items.map(({ system }) => system?.kind ?? "");
    const gone = items
      .filter((_, at) => DEPARTURES.has(kinds[at] ?? ""))
      .map(({ system }) => system?.user);
    if (gone.length > 0) {
      room.members = room.members.filter((member) => !gone.includes(member.id));
      this.#showMembers();
      this.#showHead();
    }
    if (kinds.some((kind) => ARRIVALS.has(kind))) this.#refresh();
  }

  /** Who came is asked for at leisure: everybody in the room does so, and not at the same instant. */
  #refresh() {
    if (this.#isRefreshing) return;
    this.#isRefreshing = true;
    this.#chat.clock.after(Math.random() * MEMBERS_WITHIN_MS, () => {
      this.#isRefreshing = false;
      this.#chat.openRooms.refresh();
    });
  }

  /** @param {OpenRoom} room */
  #about(room) {
    this.#chat.rooms.appeared(room.members);
    this.#messages.setReads(room.reads, room.members);
    this.#showMembers();
    this.#showHead();
  }

  #showMembers() {
    this.#people.setMembers(this.#room?.members ?? [], { canInvite: this.#mayInvite() });
    this.#showPresence();
    this.#showTyping();
  }

  #showHead() {
    const open = this.#room;
    const room = open && { ...open.room, ...this.#chat.rooms.find(open.room.id) };
    this.#head.set(room, open?.isLoaded ? open.members.length : null);
    this.#composer.setRoom(room);
    if (room) this.#messages.setRoom(room);
    this.#composer.setDisabled(this.#closed());
  }

  #mayInvite() {
    const room = this.#room?.room;
    return room !== undefined && room.kind !== "direct" && !room.archived && room.member !== false;
  }

  /** Why nothing can be written here, if so. */
  #closed() {
    const open = this.#room;
    if (!open) return this.#whyClosed;
    if (open.room.archived) return "This room is archived: it can be read, nobody can write.";
    if (open.room.member !== false) return null;
    const text = `You are looking at ${isolated(open.room.name)} without being in it.`;
    return { text, label: "Join", run: () => this.#actions.join(open.room) };
  }

  #showPresence() {
    this.#people.setPresence(this.#chat.rooms.presence);
    this.#head.setPresence(this.#chat.rooms.presence);
  }

  #showTyping() {
    const open = this.#room;
    const others = open ? this.#chat.rooms.typing(open.room.id) : [];
    const names = others
      .filter((id) => id !== this.#chat.me.id)
      .map((id) => nameOf(id, open?.members ?? []));
    this.#typing.set(names);
  }

  // What the person does.

  /** @param {number} before */
  async #history(before) {
    const room = this.#room;
    if (!room) return;
    const page = await room
      .history(this.#chat.request, before)
      .catch(() => ({ items: [], more: true }));
    if (this.#room === room) this.#messages.prepend(page.items, page.more);
  }

  /** @param {number} seq */
  #seen(seq) {
    const room = this.#room;
    if (!room) return;
    room.seen(seq);
    this.#chat.emit("seen");
    const { rooms, readMarker } = this.#chat;
    if (seq > (rooms.find(room.room.id)?.last_read ?? Number.POSITIVE_INFINITY))
      readMarker.seen(room.room.id, seq);
  }

  focus() {
    this.#composer.focus();
  }

  /** Show this message of the open room, or of the one that is being opened. @param {string} id */
  show(id) {
    this.#linkedMessage.aim(id, this.#room);
  }
}

/** @param {string} id @param {Member[]} members */
function nameOf(id, members) {
  return members.find((member) => member.id === id)?.name ?? "Someone";
}
