/** Requests, events and documents of `/chat`, and the shapes that its pages derive from them. */

import type {
  Batch,
  ConnectionStatus,
  Item,
  Me,
  Ok,
  Person,
  PresenceState,
  SyncAnswer,
} from "../core/types.d.ts";

export type { Me, Person, PresenceState };

export type RoomKind = "open" | "private" | "direct";

export interface Member {
  id: string;
  username: string;
  name: string;
  role: "owner" | "member";
  state: PresenceState;
  bot?: boolean;
}

/** A room as it stands in the list. `with` is the other person of a direct room. */
export interface Room {
  id: string;
  slug: string;
  name: string;
  kind: RoomKind;
  topic: string;
  owner: string;
  archived: boolean;
  /** False while an open room is only looked at; absent in lists, where all are mine. */
  member?: boolean;
  rev: number;
  unread: number;
  mentions: number;
  last_read: number;
  /** When the newest message was written: RFC 3339, UTC. */
  active_at?: string;
  with?: Person;
}

/** A person as a search finds them. */
export interface FoundPerson extends Person {
  username: string;
  state?: PresenceState;
  bot?: boolean;
  /** Whether they are in the room that was asked about. */
  member?: boolean;
}

/** A person as their card shows them. */
export interface Profile extends Person {
  username: string;
  role: "admin" | "member";
  /** IANA name. */
  time_zone?: string;
  disabled?: boolean;
}

/** A room as a search finds it. */
export interface FoundRoom
  extends Pick<Room, "id" | "slug" | "name" | "kind" | "topic" | "owner" | "archived"> {
  member: boolean;
  /** Absent for one of this page's own list. */
  member_count?: number;
}

/** Marks a system message, such as "joined"; `html` and `text` of the message hold its sentence. */
export interface SystemNote {
  kind: string;
  /** The id of the person who came or went. */
  user?: string;
  /** The member who came or went. */
  member?: Member;
  [detail: string]: unknown;
}

/** A message, a system entry, or (`deleted`) the tombstone of one, which has no content. */
export interface Message extends Item {
  room: string;
  client_id?: string;
  /** RFC 3339, UTC. */
  at: string;
  edited_at?: string;
  by: { id: string; name: string; bot?: boolean };
  text: string;
  html: string;
  reply_to?: string;
  mentions: string[];
  system?: SystemNote;
  /** By whom (an id) it was pinned, and when. */
  pinned?: { by: string; at: string };
  /** The groups that it calls in a large room. */
  mention_groups?: string[];
  /** Emoji to the ids of those who put it; in a large room the newest of them. */
  reactions: Record<string, string[]>;
  /** How many put an emoji, where these are more than are named. */
  reaction_counts?: Record<string, number>;
}

/** A message of mine that the server has not acknowledged. */
export interface Pending {
  client_id: string;
  text: string;
  at: string;
  state: "sending" | "failed";
  /** The sentence to show where `state` is failed. */
  error?: string;
  by: Me;
  reply_to?: string;
}

/** The message that a reply quotes; only its id is known where the draft comes from another device. */
export interface Quoted {
  id: string;
  name?: string;
  text?: string;
}

/** A message that is being written in a room; `edit` lies over it, with the text before and by now. */
export interface Draft {
  text: string;
  reply?: Quoted;
  edit?: { id: string; before: string; text: string };
}

/** A draft on this device. The server's copy was set at `synced`, and is stale where this `isDirty`. */
export interface StoredDraft extends Draft {
  synced?: string | undefined;
  isDirty?: boolean;
}

/** A draft as the server tells it; an empty text removes it. */
export interface ToldDraft {
  room: string;
  thread?: string;
  text: string;
  reply_to?: string;
  at: string;
}

export interface JoinAnswer extends SyncAnswer<Message> {
  ok: true;
  room: Room;
  /** Absent where the page holds those of `members_rev`; otherwise at most 200. */
  members?: Member[];
  member_count?: number;
  members_rev?: number;
  /** How many are there, in a large room. */
  online?: number;
  last_read: number;
  reads: Record<string, number>;
  /** The ids of the pinned messages. */
  pins: string[];
}

/** A message on one's own list of saved ones. */
export interface SavedMessage {
  at: string;
  room: { id: string; slug: string; name: string; kind: RoomKind };
  message: Message;
}

export interface HistoryAnswer {
  ok: true;
  items: Message[];
  more: boolean;
}

/** The message that a part of the history stands around: by id, by seq, or the first since a moment. */
export type HistoryTarget = { id: string } | { seq: number } | { at: string };

export interface ContextAnswer {
  ok: true;
  items: Message[];
  older: boolean;
  newer: boolean;
  /** The seq of the message meant, or of the nearest one. */
  seq: number;
}

/** The state of the connection, and how many messages are being sent. */
export interface Status extends ConnectionStatus {
  sending: number;
}

export type Presence = Map<string, PresenceState>;

/** The page's inert JSON block. */
export interface Snapshot {
  me: Me;
  server_time: string;
  rooms: Room[];
  room: Room | null;
  missing?: boolean;
  /** The page is the service worker's shell: the rest is what this browser has kept. */
  offline?: boolean;
  /** A room of mine that the address names, and of which nothing is kept. */
  notHere?: Room | null;
  rev: number;
  items: Message[];
  older: boolean;
  members: Member[];
  member_count?: number;
  members_rev?: number;
  online?: number;
  reads: Record<string, number>;
  last_read: number;
  pins?: string[];
  /** Where `items` stand around the first unread message: whether there are messages after them. */
  newer?: boolean;
  socketio_path: string;
  app_name: string;
}

/** The requests of `/chat` that the page makes: payload and acknowledgement by name. */
export interface ChatRequests {
  "room:join": [{ room: string; cursor?: number; members_rev?: number }, JoinAnswer];
  "room:members": [
    { room: string; query?: string; after?: string; users?: string[]; limit?: number },
    { ok: true; items: Member[]; more: boolean },
  ];
  "room:readers": [{ room: string; seq: number }, { ok: true } & Readers];
  "presence:watch": [
    { room: string; users: string[] },
    { ok: true; users: { id: string; name: string; state: PresenceState }[]; online: number },
  ];
  "room:leave": [{ room: string }, Ok];
  "room:sync": [{ room: string; cursor: number }, SyncAnswer<Message> & Ok];
  "room:history": [{ room: string; before: number; after?: number; limit: number }, HistoryAnswer];
  "message:context": [{ room: string; limit: number } & HistoryTarget, ContextAnswer];
  "room:mark_unread": [{ room: string; seq: number }, { ok: true; unread: number }];
  "room:read": [{ room: string; seq: number }, { ok: true; unread: number }];
  "message:send": [
    { room: string; client_id: string; text: string; reply_to?: string },
    { ok: true; id: string; seq: number; rev: number },
  ];
  "message:pin": [{ room: string; id: string }, Changed];
  "message:unpin": [{ room: string; id: string }, Changed];
  "pins:list": [{ room: string }, HistoryAnswer];
  "message:save": [{ room: string; id: string; on: boolean }, Ok];
  "saved:ids": [Record<string, never>, { ok: true; ids: string[] }];
  "saved:list": [Record<string, never>, { ok: true; items: SavedMessage[]; more: boolean }];
  "message:edit": [{ room: string; id: string; text: string; client_id?: string }, Changed];
  "message:delete": [{ room: string; id: string }, Changed];
  "reaction:add": [{ room: string; id: string; emoji: string }, Changed];
  "reaction:remove": [{ room: string; id: string; emoji: string }, Changed];
  "typing:start": [{ room: string }, Ok];
  "typing:stop": [{ room: string }, Ok];
  "rooms:list": [Record<string, never>, { ok: true; rooms: Room[] }];
  "people:find": [
    { query: string; room?: string; limit?: number; offset?: number },
    { ok: true; items: FoundPerson[]; more: boolean },
  ];
  "people:show": [{ user: string }, { ok: true; person: Profile }];
  "rooms:find": [
    { query: string; archived?: boolean; limit?: number; offset?: number },
    { ok: true; items: FoundRoom[]; more: boolean },
  ];
  "room:create": [
    { name: string; kind: "open" | "private"; members?: string[] },
    { ok: true; room: Room },
  ];
  "direct:open": [{ user: string }, { ok: true; room: Room }];
  "room:update": [{ room: string; name?: string; topic?: string }, Changed];
  "room:archive": [{ room: string }, Changed];
  "room:unarchive": [{ room: string }, Changed];
  "room:remove": [{ room: string; user: string }, Changed];
  "room:invite": [{ room: string; user: string }, Changed];
  "room:quit": [{ room: string }, Changed];
  "draft:set": [
    { room: string; text: string; reply_to?: string | undefined },
    { ok: true; at: string },
  ];
  "drafts:list": [Record<string, never>, { ok: true; items: ToldDraft[]; more: boolean }];
  "presence:set": [{ state: "online" | "idle" | "away"; room?: string }, Ok];
}

/** A part of a room, as its page or a join without cursor gives it. `newer`: there is more after it. */
export interface RoomBeginning {
  rev: number;
  items: Message[];
  older?: boolean;
  newer?: boolean;
  room: Room;
  reads: Record<string, number>;
  last_read: number;
  pins?: string[];
}

/** Who has read a message: some of them by id, with their names. */
export interface Readers {
  count: number;
  users: string[];
  names: Record<string, string>;
}

export interface Changed {
  ok: true;
  rev: number;
}

/** The server's events on `/chat`. */
export interface ChatEvents {
  welcome: { message: string; user: Me; server_time: string; rooms: Room[] };
  messages: Batch<Message> & { room: string };
  "room:activity": { room: string; rev: number; unread: number; mentions: number };
  presence: {
    room: string;
    users: { id: string; state: PresenceState; name?: string }[];
    online?: number;
  };
  typing: { room: string; users: string[]; more?: boolean; names?: Record<string, string> };
  "room:reads": { room: string; reads: Record<string, number> };
  draft: ToldDraft;
  saved: { id: string; on: boolean };
  "room:updated": { room: Room };
  "room:removed": { room: string };
}
