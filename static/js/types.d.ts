/**
 * The shapes that pass between the server, `core/` and `views/`: the protocol's words, as types.
 * Use them with a JSDoc import: `@import { Message } from "../types.d.ts"` in a block comment.
 */

export type RoomKind = "open" | "private" | "direct";
export type PresenceState = "online" | "idle" | "away" | "offline";
export type ErrorCode =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "rate_limited"
  | "unavailable";

/** The one who is signed in. */
export interface Me {
  id: string;
  username: string;
  name: string;
  role: "admin" | "member";
  time_zone?: string;
}

/** Someone, where only the name is needed. */
export interface Person {
  id: string;
  name: string;
  username?: string;
  state?: PresenceState;
  /** A program, so marked wherever its name stands. */
  bot?: boolean;
}

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
  with?: Person;
}

/** What the entry tells, where it is no message of a person; `html` and `text` hold the sentence. */
export interface SystemNote {
  kind: string;
  [detail: string]: unknown;
}

/** The least a stream needs of what it holds. */
export interface Item {
  id: string;
  seq: number;
  rev: number;
  deleted?: boolean;
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
  /** Emoji to the ids of those who put it. */
  reactions: Record<string, string[]>;
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

/** What the outbox keeps; `account` and `room` are ids. */
export interface OutboxEntry {
  client_id: string;
  account: string;
  room: string;
  text: string;
  reply_to?: string;
  /** When Enter was pressed: RFC 3339, UTC. */
  at: string;
  /** Place in the order of this account. */
  n: number;
  state: "queued" | "failed";
  error?: string;
}

export interface Batch<T extends Item = Message> {
  prev: number;
  rev: number;
  items: T[];
}

export interface SyncAnswer<T extends Item = Message> {
  rev: number;
  items: T[];
  more: boolean;
  reset: boolean;
  /** Of a snapshot (`reset`, or a join without cursor): there is older history. */
  older?: boolean;
}

export interface JoinAnswer extends SyncAnswer {
  ok: true;
  room: Room;
  members: Member[];
  last_read: number;
  reads: Record<string, number>;
}

export interface HistoryAnswer {
  ok: true;
  items: Message[];
  more: boolean;
}

/** The error object of the protocol. */
export interface WireError {
  code: ErrorCode;
  message: string;
  field?: string;
  /** Seconds. */
  retry_after?: number;
}

export type Phase = "connecting" | "connected" | "reconnecting" | "offline" | "ended";

export interface ConnectionStatus {
  phase: Phase;
  /** Whole seconds until the next attempt, while reconnecting and known. */
  retry_in_s: number | null;
}

/** What the status line shows: the connection, and how many messages are on their way. */
export interface Status extends ConnectionStatus {
  sending: number;
}

/** What `MessagesView.show` draws; `items` in seq order. */
export interface RoomView {
  room: Room;
  items: Message[];
  pending: Pending[];
  /** There is older history to ask for. */
  more: boolean;
  /** The seq that was read before this visit: the "New" line stands after it. */
  last_read: number;
  members: Member[];
  /** User id to the seq they have read. */
  reads: Record<string, number>;
  /** Nothing is known of this room yet: an empty room's hint would be wrong. */
  loading?: boolean;
}

export type Presence = Map<string, PresenceState>;

/** The page's inert JSON block. */
export interface Snapshot {
  me: Me;
  server_time: string;
  rooms: Room[];
  room: Room | null;
  missing?: boolean;
  rev: number;
  items: Message[];
  older: boolean;
  members: Member[];
  reads: Record<string, number>;
  last_read: number;
  socketio_path: string;
  app_name: string;
}

/** The requests of `/chat` that the page makes: what goes, and what the acknowledgement holds. */
export interface ChatRequests {
  "room:join": [{ room: string; cursor?: number }, JoinAnswer];
  "room:leave": [{ room: string }, Ok];
  "room:sync": [{ room: string; cursor: number }, SyncAnswer & Ok];
  "room:history": [{ room: string; before: number; limit: number }, HistoryAnswer];
  "room:read": [{ room: string; seq: number }, { ok: true; unread: number }];
  "message:send": [
    { room: string; client_id: string; text: string; reply_to?: string },
    { ok: true; id: string; seq: number; rev: number },
  ];
  "message:edit": [{ room: string; id: string; text: string; client_id?: string }, Changed];
  "message:delete": [{ room: string; id: string }, Changed];
  "reaction:add": [{ room: string; id: string; emoji: string }, Changed];
  "reaction:remove": [{ room: string; id: string; emoji: string }, Changed];
  "typing:start": [{ room: string }, Ok];
  "typing:stop": [{ room: string }, Ok];
  "rooms:list": [Record<string, never>, { ok: true; rooms: Room[] }];
  "rooms:browse": [Record<string, never>, { ok: true; rooms: Room[] }];
  "room:create": [
    { name: string; kind: "open" | "private"; members?: string[] },
    { ok: true; room: Room },
  ];
  "direct:open": [{ user: string }, { ok: true; room: Room }];
  "room:update": [{ room: string; name?: string; topic?: string }, Changed];
  "room:archive": [{ room: string }, Changed];
  "room:remove": [{ room: string; user: string }, Changed];
  "room:invite": [{ room: string; user: string }, Changed];
  "room:quit": [{ room: string }, Changed];
  "presence:set": [{ state: "online" | "idle" | "away"; room?: string }, Ok];
}

export interface Ok {
  ok: true;
}

export interface Changed {
  ok: true;
  rev: number;
}

/** What the server sends on `/chat` by itself. */
export interface ChatEvents {
  welcome: { message: string; user: Me; server_time: string; rooms: Room[] };
  messages: Batch & { room: string };
  "room:activity": { room: string; rev: number; unread: number; mentions: number };
  presence: { room: string; users: { id: string; state: PresenceState }[] };
  typing: { room: string; users: string[] };
  "room:reads": { room: string; reads: Record<string, number> };
  "room:updated": { room: Room };
  "room:removed": { room: string };
}

/** How loud a notification was to be: in an open page only, also outside of the browser, or not at all. */
export type Alert = "none" | "toast" | "desktop";

/** One notification, or (`deleted`) the tombstone of one that was taken back. */
export interface Notification extends Item {
  user_id: string;
  /** RFC 3339, UTC. */
  timestamp: string;
  read: boolean;
  title: string;
  body: string;
  category: string;
  alert?: Alert;
  archived?: boolean;
  /** A path here, or an address elsewhere. */
  link?: string;
  /** Many with the same key are shown as one. */
  group?: string;
  actor?: { id: string; name: string };
  /** Ids of what it tells of. */
  room?: string;
  message?: string;
}

export type Level = "app" | "desktop" | "off";
export type RoomLevel = "all" | "mentions" | "muted";

export interface Preferences {
  categories: Record<string, Level>;
  rooms: Record<string, RoomLevel>;
  /** Hours of the person's own day, as "22:00". */
  quiet: { from: string; to: string } | null;
  /** RFC 3339, UTC. */
  snooze_until: string | null;
}

/** The requests of `/notifications` that the pages make. */
export interface InboxRequests {
  "inbox:sync": [{ cursor: number }, SyncAnswer<Notification> & { ok: true; unread: number }];
  "inbox:list": [
    { before?: number; limit?: number; unread?: boolean; archived?: boolean; category?: string },
    { ok: true; items: Notification[]; more: boolean; unread: number },
  ];
  "notification:read": [{ ids: string[] } | { all: true }, { ok: true; unread: number }];
  "notification:archive": [{ ids: string[] }, { ok: true; unread: number }];
  "preferences:get": [Record<string, never>, { ok: true; preferences: Preferences }];
  "preferences:set": [Preferences, { ok: true; preferences: Preferences }];
}

/** What the server sends on `/notifications` by itself. */
export interface InboxEvents {
  inbox: { unread: number; rev: number; items: Notification[] };
  notifications: Batch<Notification> & { unread: number };
  preferences: { preferences: Preferences };
}

/** How long one bucket of a chart is. */
export type Step = "minute" | "hour" | "day";

/** The figures of a range or of all time, as the server counts them. Latencies in milliseconds. */
export interface Figures {
  page_views: number;
  unique_visitors: number;
  active_users: number;
  sessions: number;
  events: number;
  event_counts: Record<string, number>;
  messages_per_minute: number;
  connections: Record<string, number>;
  latency: Record<string, { p50: number | null; p99: number | null }>;
  errors: Record<string, number>;
  top_pages: Named[];
  referrers: Named[];
  timestamp: string;
}

export interface Named {
  name: string;
  n: number;
}

/** One bucket of a series; null where there is nothing to say, as of a duration that nobody had. */
export interface Point {
  at: string;
  value: number | null;
}

/** From and to in milliseconds; `before` is the same length just before it. */
export interface Span {
  from: number;
  to: number;
}

export interface Stretch extends Span {
  step: Step;
  before: Span;
  /** It ends now and goes on. */
  isLive: boolean;
}

/** An event in the live feed. */
export interface TrackedEvent {
  id: string;
  event_type: string;
  user_id: string | null;
  user_name?: string;
  session_id: string | null;
  properties: Record<string, unknown>;
  timestamp: string;
}

export interface Breakdown {
  values: { value: unknown; n: number }[];
  other: number;
  without?: number;
  total: number;
}

export interface FunnelStep {
  event_type: string;
  visitors: number;
}

export interface Cohort {
  /** The date of its Monday. */
  week: string;
  visitors: number;
  back: number[];
}

type Range = { from: string; to: string };

/** The requests of `/analytics` that the page makes. */
export interface AnalyticsRequests {
  metrics: [Range, { ok: true; metrics: Figures }];
  series: [
    Range & { metric: string; step: Step; zone: string },
    { ok: true; step: Step; points: Point[] },
  ];
  properties: [{ event_type: string }, { ok: true; properties: string[] }];
  breakdown: [Range & { event_type: string; property: string }, Breakdown & Ok];
  funnel: [Range & { steps: string[] }, { ok: true; steps: FunnelStep[] }];
  retention: [{ weeks: number }, { ok: true; cohorts: Cohort[] }];
  "feed:start": [{ types?: string[] }, Ok];
  "feed:stop": [Record<string, never>, Ok];
}

/** What the server sends on `/analytics` by itself. */
export interface AnalyticsEvents {
  metrics: Figures;
  events: { items: TrackedEvent[]; skipped: number };
}

/** One event of a topic. */
export interface TopicEvent {
  id: string;
  seq: number;
  rev: number;
  topic: string;
  data: unknown;
  timestamp: string;
  sender: string;
}

/** The requests of `/topics` that the page makes. */
export interface TopicRequests {
  subscribe: [{ topic: string; cursor?: number }, Ok & { items: TopicEvent[]; rev: number }];
}

/** What the server sends on `/topics` by itself; the socket tells when it begins and ends. */
export interface TopicEvents {
  events: { topic: string; prev: number; rev: number; items: TopicEvent[] };
  connect: Record<string, never>;
  disconnect: Record<string, never>;
}

declare global {
  /** Global Privacy Control; TypeScript's library does not know it yet. */
  interface Navigator {
    readonly globalPrivacyControl?: boolean;
  }
  /** Browsers that enforce trusted types; TypeScript's library does not know it yet. */
  var trustedTypes:
    | {
        createPolicy(
          name: string,
          rules: {
            createHTML(html: string): string;
            createScriptURL(address: string): string;
          },
        ): {
          createHTML(html: string): object | string;
          createScriptURL(address: string): object | string;
        };
      }
    | undefined;
}
