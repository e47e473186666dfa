/** The chat state of one page, and how the server's events change it. */
import { clock, newId } from "../core/clock.js";
import { Emitter } from "../core/emitter.js";
import { TabLeader } from "../core/tab_leader.js";
import { DraftSync } from "./composer/draft_sync.js";
import { Drafts } from "./composer/drafts.js";
import { TypingSignal } from "./composer/typing_signal.js";
import { IdleTimer } from "./idle_timer.js";
import { SavedIds } from "./messages/saved_ids.js";
import { Outbox } from "./outbox/outbox.js";
import { OutboxSender } from "./outbox/outbox_sender.js";
import { openOutboxStore } from "./outbox/outbox_store.js";
import { openOutboxTabs } from "./outbox/outbox_tabs.js";
import { OpenRooms } from "./rooms/open_rooms.js";
import { ReadMarker } from "./rooms/read_marker.js";
import { countUnread, RoomList } from "./rooms/room_list.js";

/** @import { ChatEvents, ChatRequests, Me, Room } from "./types.d.ts" */
/** @import { Channel } from "../core/channel.js" */
/** @import { Names } from "./members/current_names.js" */
/** @import { Connection } from "../core/connection.js" */

/**
 * @typedef {object} Events
 * @property {[]} rooms the whole list is new
 * @property {[string]} room one of it is new, changed or gone, by id
 * @property {[string[]]} presence of these people, by id
 * @property {[]} typing
 * @property {[string]} unread the person marked messages of this room as unread, here or elsewhere
 * @property {[{ room: string, text: string }]} sent a message of this browser was taken by the server
 * @property {[]} seen the person reads on in the open room
 */

/** @extends {Emitter<Events>} */
export class ChatState extends Emitter {
  rooms = new RoomList();

  /** @param {{ me: Me, connection: Connection }} parts */
  constructor({ me, connection }) {
    super();
    this.me = me;
    this.#connection = connection;
    /** @type {Channel<ChatRequests, ChatEvents>} */
    const channel = connection.channel("/chat");
    this.request = channel.request.bind(channel);
    this.openRooms = new OpenRooms({ request: this.request, clock, me: me.id });
    this.drafts = new Drafts(me.id);
    this.saved = new SavedIds(this.request);
    this.draftSync = new DraftSync({ drafts: this.drafts, clock, request: this.request });
    this.outbox = this.#openOutbox();
    this.sender = this.#openSender();
    this.tabLeader = new TabLeader(`parley.outbox.${me.id}`, (leads) => this.#leads(leads));
    this.typing = new TypingSignal({
      clock,
      tell: (name, room) => this.#sendVolatile(name, { room }),
    });
    this.readMarker = new ReadMarker({
      clock,
      mark: (room, seq) => this.#mark(room, seq),
      leave: markWhileLeaving,
    });
    this.idle = new IdleTimer({ clock, tell: () => this.#present() });
    this.#listen(channel);
    this.tabLeader.ask();
  }

  #connection;
  /** @type {string | null} */
  #watched = null;

  #openOutbox() {
    const tell = openOutboxTabs(this.me.id, (news) => this.outbox.heard(news));
    const store = openOutboxStore();
    return new Outbox({ me: this.me, store, tell, now: clock.now, newId });
  }

  #openSender() {
    return new OutboxSender({
      outbox: this.outbox,
      clock,
      send: async ({ room, client_id, text, reply_to }) => {
        const answer = await this.request("message:send", { room, client_id, text, reply_to });
        this.emit("sent", { room, text });
        return answer;
      },
      onSilence: () => this.#connection.renew(),
    });
  }

  /** @param {boolean} leads */
  async #leads(leads) {
    // Other tabs may have written messages before this one was open.
    if (leads) await this.outbox.load();
    this.sender.lead(this.tabLeader.leads);
  }

  /**
   * Send a request whose answer is not needed.
   * @template {"typing:start" | "typing:stop" | "presence:set"} N
   * @param {N} name
   * @param {ChatRequests[N][0]} payload
   */
  #sendVolatile(name, payload) {
    this.request(name, payload).catch(() => {});
  }

  /**
   * The room that the person is looking at; null while the window has no focus. The server sends no
   * notifications of that room.
   * @param {string | null} room
   */
  watch(room) {
    if (room === this.#watched) return;
    this.#watched = room;
    this.#present();
  }

  #present() {
    const { state } = this.idle;
    this.#sendVolatile("presence:set", this.#watched ? { state, room: this.#watched } : { state });
  }

  /** @param {string} room @param {number} seq */
  async #mark(room, seq) {
    const { unread } = await this.request("room:read", { room, seq });
    this.rooms.read(room, seq);
    const mentions = unread === 0 ? 0 : (this.rooms.find(room)?.mentions ?? 0);
    this.counted({ room, unread, mentions });
  }

  /** @param {{ room: string, rev?: number, unread: number, mentions: number }} counts */
  counted(counts) {
    const held = this.rooms.find(counts.room);
    if (held?.unread === counts.unread && held.mentions === counts.mentions) return;
    this.rooms.activity(counts);
    this.emit("room", counts.room);
  }

  /** Everything in a room is read. @param {string} room an id */
  async markRead(room) {
    await this.#mark(room, this.rooms.find(room)?.rev ?? 0);
  }

  /**
   * A message and those after it are unread again.
   * @param {string} room an id
   * @param {number} seq
   * @returns {Promise<unknown>} rejects with a RequestError
   */
  async markUnread(room, seq) {
    // Told afterwards, what was seen in the last moment would undo it.
    await this.readMarker.settle(room);
    return this.request("room:mark_unread", { room, seq });
  }

  /** A room came to my list, or changed. @param {Room} room */
  listed(room) {
    this.rooms.put(room);
    this.emit("room", room.id);
  }

  /** @param {Channel<ChatRequests, ChatEvents>} channel */
  #listen(channel) {
    const { rooms } = this;
    this.#connection.on("lost", () => {
      this.#online(false);
      rooms.lost();
      this.saved.lost();
      this.emit("typing");
    });
    channel.on("welcome", (welcome) => this.#welcomed(welcome));
    channel.on("messages", (batch) => this.#received(batch));
    channel.on("room:activity", (activity) => {
      rooms.activity(activity);
      this.emit("room", activity.room);
    });
    channel.on("room:updated", ({ room }) => this.#updated(room));
    channel.on("room:removed", ({ room }) => this.left(room));
    channel.on("room:reads", ({ room, reads }) => this.#read(room, reads));
    channel.on("draft", (told) => this.draftSync.told(told));
    channel.on("saved", (change) => this.saved.changed(change));
    channel.on("presence", (presence) => this.#appeared(presence));
    channel.on("typing", ({ room, users, names }) => {
      this.openRooms.at(room)?.people.named(names);
      rooms.typed(room, users);
      this.emit("typing");
    });
  }

  /** @param {ChatEvents["messages"]} batch */
  #received(batch) {
    this.openRooms.receive(batch);
    const newest = batch.items.findLast(({ system, deleted }) => !system && !deleted);
    if (newest && this.rooms.active(batch.room, newest.at)) this.emit("room", batch.room);
  }

  /** @param {ChatEvents["welcome"]} welcome */
  #welcomed({ user, rooms }) {
    if (user.id !== this.me.id) {
      // Someone else signed in with this browser: nothing of this page may go out in their name.
      this.#connection.end();
      location.reload();
      return;
    }
    const open = this.openRooms.current?.room.id ?? "";
    const before = this.rooms.find(open)?.last_read ?? 0;
    this.rooms.reset(rooms);
    this.#leaveLost();
    this.#connection.welcomed();
    this.#online(true);
    this.emit("rooms");
    const after = this.rooms.find(open)?.last_read ?? before;
    if (after < before) this.#markedUnread(open, after);
  }

  /** Rooms that I was put out of while away: joining an open one again would undo that. */
  #leaveLost() {
    const room = this.openRooms.current?.room;
    if (room && room.member !== false && !this.rooms.find(room.id)) this.openRooms.forget(room.id);
  }

  /** @param {boolean} isOnline */
  #online(isOnline) {
    this.openRooms.online(isOnline);
    this.sender.online(isOnline);
    this.draftSync.online(isOnline);
    if (isOnline && (this.#watched || this.idle.state !== "online")) this.#present();
  }

  /** @param {Room} room */
  #updated(room) {
    const visited = this.openRooms.at(room.id);
    if (visited) visited.room = { ...visited.room, ...room };
    const isLess = room.last_read < (this.rooms.find(room.id)?.last_read ?? 0);
    if (isLess) this.rooms.unreadFrom(room.id, room.last_read);
    this.listed(room);
    if (isLess) this.#markedUnread(room.id, room.last_read);
  }

  /** Here, on another device, or while this one was away. @param {string} id @param {number} last_read */
  #markedUnread(id, last_read) {
    this.openRooms.at(id)?.markedUnread(last_read);
    this.readMarker.forget(id);
    this.emit("unread", id);
  }

  /** @param {ChatEvents["presence"]} presence */
  #appeared({ room, users, online }) {
    this.rooms.appeared(users);
    this.openRooms.at(room)?.people.counted(online);
    this.emit(
      "presence",
      users.map(({ id }) => id),
    );
    /** @type {Names} */
    const names = new Map();
    for (const { id, name } of users) if (name !== undefined) names.set(id, name);
    if (names.size === 0) return;
    this.openRooms.at(room)?.renamed(names);
    this.rooms.renamed(names);
    this.emit("rooms");
  }

  /** I am not in this room any more. @param {string} room */
  left(room) {
    this.rooms.remove(room);
    this.openRooms.forget(room);
    this.emit("room", room);
  }

  /** @param {string} room @param {Record<string, number>} reads */
  #read(room, reads) {
    const mine = reads[this.me.id];
    if (mine !== undefined) {
      this.rooms.read(room, mine);
      this.#readElsewhere(room);
    }
    this.openRooms.at(room)?.readBy(reads);
  }

  /** Another device of mine has read: count again what is left, where all of it is here. @param {string} id */
  #readElsewhere(id) {
    const { rooms, me } = this;
    const listed = rooms.find(id);
    const stream = this.openRooms.at(id)?.stream;
    if (!listed || !stream?.reachesEnd || stream.floor > listed.last_read) return;
    this.counted({ room: id, ...countUnread(stream.items.values(), listed.last_read, me.id) });
  }
}

/** A request that the browser makes although the page is gone. @param {string} room an id @param {number} seq */
function markWhileLeaving(room, seq) {
  fetch(`/api/rooms/${encodeURIComponent(room)}/read`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ seq }),
    keepalive: true,
  }).catch(() => {});
}
