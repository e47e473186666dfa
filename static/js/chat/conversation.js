/** The open room on the page: connects its state with the views of messages, members, head and composer. */
import { t } from "../core/i18n.js";
import { preferences } from "../core/preferences.js";
import { byId } from "../core/ui/dom.js";
import { isComingBack, whenLeaving } from "../core/ui/leaving.js";
import { copyText, orShowError } from "../core/ui/prompts.js";
import { closedReason, noRoom } from "./composer/closed_reason.js";
import { Composer } from "./composer/composer.js";
import { EmojiKit } from "./emoji/emoji.js";
import { MemberListView } from "./members/member_list_view.js";
import { TypingView } from "./members/typing_view.js";
import { MessageListView } from "./messages/message_list_view.js";
import { Reading } from "./messages/reading.js";
import { keepingActions, roomFinds, showPins } from "./messages/room_finds.js";
import { linkTo, RoomLinks } from "./room_links.js";
import { reacting } from "./rooms/own_reactions.js";
import { watchPresence } from "./rooms/presence_watch.js";
import { RoomHeadView } from "./rooms/room_head_view.js";
import { countUnread } from "./rooms/room_list.js";
import { RoomMembers } from "./rooms/room_members.js";

/** @import { Member, Message, Pending } from "./types.d.ts" */
/** @import { OpenRoom } from "./rooms/open_room.js" */
/** @import { RequestError } from "../core/errors.js" */
/** @import { ChatState } from "./chat_state.js" */
/** @import { RoomActions } from "./rooms/room_actions.js" */

const NONE = new RoomMembers();

export class Conversation {
  /** @type {OpenRoom | null} */
  #room = null;
  /** @type {(() => void)[]} */
  #listening = [];
  #whyClosed = "";

  /**
   * @param {ChatState} chat
   * @param {RoomActions} actions
   */
  constructor(chat, actions) {
    this.#chat = chat;
    this.#actions = actions;
    const emoji = new EmojiKit(byId("composer").dataset.emoji ?? "");
    this.#messages = new MessageListView(byId("messages"), {
      template: /** @type {HTMLTemplateElement} */ (byId("message-template")),
      me: chat.me,
      emoji,
      pending: (room) => chat.outbox.pending(room),
      ...this.#messageActions(),
    });
    this.#composer = new Composer(chat, byId("composer"), {
      emoji,
      onEscape: () => this.#messages.focusLast(),
      lastOwn: () => this.#messages.lastOwn(),
    });
    this.#memberList = new MemberListView(byId("people"), {
      me: chat.me,
      onInvite: () => this.#withRoom((room) => actions.invite(room.room)),
      ask: (asked) => chat.request("room:members", { room: this.#room?.room.id ?? "", ...asked }),
      onShown: (shown) => this.#withRoom((room) => watchPresence(room, chat.request, shown)),
    });
    this.#head = new RoomHeadView(byId("room-head"), {
      onSettings: () => this.#withRoom((room) => actions.settings(room.room)),
      onPeople: () => actions.panels.togglePeople(),
      onMenu: () => actions.panels.openRooms(),
      onPins: () => void showPins(this.#messages, this.#chat, (link) => this.links.go(link)),
      finds: () => roomFinds(this.#messages, this.#reading, chat, (link) => this.links.go(link)),
    });
    this.#typing = new TypingView(byId("typing"));
    this.links = new RoomLinks(chat, actions, (message) => this.show(message));
    this.#reading = new Reading(chat, this.#messages, () => preferences.get("room_opens_at"));
    whenLeaving(() => this.#reading.keepPlace());
    chat.openRooms.on("opened", (room) => this.#opened(room));
    chat.openRooms.on("forgotten", (id) => this.#messages.drawnRooms.forget(id));
    chat.openRooms.on("gone", (_, why) => this.#gone(why));
    chat.outbox.on("changed", () => this.#withRoom((room) => this.#update(room)));
    chat.on("presence", () => this.#showPresence());
    chat.on("typing", () => this.#showTyping());
    chat.on("rooms", () => this.#showHead());
    chat.on("room", (id) => this.#room?.room.id === id && this.#showHead());
  }

  #chat;
  #actions;
  #messages;
  #composer;
  #memberList;
  #head;
  #typing;
  #reading;

  /** @param {(room: OpenRoom) => void} run */
  #withRoom(run) {
    if (this.#room) run(this.#room);
  }

  #messageActions() {
    const { outbox, request } = this.#chat;
    const of = (/** @type {Message} */ { room, id }) => ({ room, id });
    return {
      onOlder: () => this.#reading.older(),
      onNewer: () => this.#reading.newer(),
      onLatest: () => this.#reading.latest(),
      onMoved: () => this.#reading?.moved(),
      unread: (/** @type {string} */ room) => this.#chat.rooms.find(room)?.unread ?? 0,
      onReply: (/** @type {Message} */ message) => this.#composer.view.startReply(message),
      onEdit: (/** @type {Message} */ message) => this.#composer.view.startEdit(message),
      onDelete: (/** @type {Message} */ message) =>
        orShowError(request("message:delete", of(message))),
      onReact: reacting(this.#chat),
      onReaders: (/** @type {Message} */ { room, seq }) => request("room:readers", { room, seq }),
      onRetry: (/** @type {Pending} */ pending) => outbox.retry(pending.client_id),
      onCopy: (/** @type {{ text: string }} */ entry) => copyText(entry.text),
      onCopyLink: (/** @type {Message} */ { id }) =>
        this.#withRoom(({ room }) => copyText(linkTo(room, id))),
      ...keepingActions(request, this.#chat.saved),
      onUnread: (/** @type {Message} */ { room, seq }) =>
        orShowError(this.#chat.markUnread(room, seq)),
      onQuoted: (/** @type {string} */ id) => this.#reading.show(id),
      onDiscard: (/** @type {Pending} */ pending) => outbox.discard(pending.client_id),
      onVisible: (/** @type {number} */ seq) => this.#seen(seq),
      onEscape: () => this.#composer.view.focus(),
      onInvite: () => this.#withRoom((room) => this.#actions.invite(room.room)),
    };
  }

  // Changes of state.

  /** @param {OpenRoom | null} room */
  #opened(room) {
    for (const stop of this.#listening) stop();
    this.#reading.opened(room);
    this.#chat.typing.stopped();
    this.#room = room;
    this.#composer.room = room;
    this.#whyClosed = "";
    this.#listening = room
      ? [
          room.on("shown", ({ keep }) => this.#draw(keep)),
          room.on("arrived", (news) => this.#arrived(room, news)),
          room.on("changed", () => this.#changed(room)),
          room.on("live", () => this.#reading.live()),
          room.on("older", () => this.#extended(room)),
          room.on("newer", () => this.#extended(room)),
          room.on("members", (members) => this.#membersChanged(members)),
          room.on("reads", () => this.#messages.showSeen()),
          room.on("pins", () => this.#head.setPins(room.pins.size)),
        ]
      : [];
    this.#draw(false);
    if (room) this.#composer.roomOpened();
  }

  /** @param {boolean} keep the reader's place */
  #draw(keep) {
    const room = this.#room;
    this.#messages.show(room, { keep });
    if (room) {
      this.#settle(room);
      this.#count(room);
    }
    this.#showPresence();
    this.#showTyping();
    this.#showHead();
    this.#reading.drawn({ keep });
  }

  /** @param {RequestError} why */
  #gone(why) {
    this.#whyClosed = why.message;
    this.#showHead();
  }

  /** @param {OpenRoom} room */
  #changed(room) {
    this.#update(room);
    this.#count(room);
  }

  /** @param {OpenRoom} room */
  #extended(room) {
    this.#messages.extended();
    this.#settle(room);
  }

  /** @param {OpenRoom} room @param {Message[]} news */
  #arrived(room, news) {
    this.#messages.arrived(news);
    const { rooms, me } = this.#chat;
    const listed = rooms.find(room.room.id);
    // `#count` counts exactly once every unread message is held.
    if (!listed || !room.hasNewer) return;
    const { unread, mentions } = countUnread(news, Math.max(listed.last_read, listed.rev), me.id);
    const rev = Math.max(listed.rev, news.at(-1)?.seq ?? 0);
    const counts = { unread: listed.unread + unread, mentions: listed.mentions + mentions };
    this.#chat.counted({ room: room.room.id, rev, ...counts });
  }

  /** @param {OpenRoom} room */
  #update(room) {
    if (!this.#settle(room)) this.#messages.update();
  }

  /** Take out of the outbox what the room holds by now. @param {OpenRoom} room @returns {boolean} whether anything was */
  #settle({ room, stream }) {
    return this.#chat.outbox.settle(room.id, stream.ordered(), stream.cursor);
  }

  /** @param {OpenRoom} room */
  #count({ room: { id }, stream, last_read }) {
    const { rooms, me } = this.#chat;
    // Another device may have read on while the room was not open here.
    rooms.read(id, last_read);
    const listed = rooms.find(id);
    if (!listed) return;
    const counts = countUnread(stream.items.values(), listed.last_read, me.id);
    const isAllHere = stream.floor <= listed.last_read && stream.reachesEnd;
    if (isAllHere || counts.unread > listed.unread) this.#chat.counted({ room: id, ...counts });
  }

  /** @param {Member[]} told members whose presence the server has just sent */
  #membersChanged(told) {
    this.#chat.rooms.appeared(told);
    this.#messages.showSeen();
    this.#composer.showOutsiders();
    this.#showPresence();
    this.#showTyping();
    this.#showHead();
  }

  #showHead() {
    const open = this.#room;
    const room = open && { ...open.room, ...this.#chat.rooms.find(open.room.id) };
    this.#head.set(room, open?.isLoaded ? open.people.count : null);
    this.#head.setPins(open?.pins.size ?? 0);
    this.#composer.view.setRoom(room);
    if (room) this.#messages.setRoom(room);
    this.#composer.view.setDisabled(this.#closed());
  }

  #mayInvite() {
    const room = this.#room?.room;
    return room !== undefined && room.kind !== "direct" && !room.archived && room.member !== false;
  }

  /** Why nothing can be written here, if so. */
  #closed() {
    const room = this.#room?.room;
    return room ? closedReason(room, this.#actions) : this.#whyClosed || noRoom(this.#actions);
  }

  #showPresence() {
    const { presence } = this.#chat.rooms;
    this.#memberList.show(this.#room?.people ?? NONE, presence, this.#mayInvite());
    this.#head.setPresence(presence);
  }

  #showTyping() {
    const open = this.#room;
    const others = open ? this.#chat.rooms.typing(open.room.id) : [];
    const names = others
      .filter((id) => id !== this.#chat.me.id)
      .map((id) => open?.nameOf(id) ?? t("Someone"));
    this.#typing.set(names);
  }

  // The person's actions.

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

  /** @param {boolean} isAway the server can't be reached */
  setAway(isAway) {
    this.#messages.setAway(isAway);
    this.#reading.setAway(isAway);
  }

  focus() {
    this.#composer.roomOpened();
  }

  /** Whether the person comes back to this page: then the room opens where they left it. */
  isReturned() {
    return isComingBack() && this.#reading.hasPlace();
  }

  /** Show this message of the open room, or of the one that is being opened. @param {string} id */
  show(id) {
    this.#reading.show(id);
  }
}
