/**
 * The shapes that all features share: streams and their items, errors, the connection, people.
 *
 * Each feature's `types.d.ts` holds the payloads of its requests and events (docs: the protocol).
 * Modules import them in JSDoc comments with `@import`.
 */

export type ErrorCode =
  | "invalid"
  | "unauthenticated"
  | "forbidden"
  | "not_found"
  | "conflict"
  | "too_large"
  | "rate_limited"
  | "unavailable";

/** The fields that every item of a stream has. */
export interface Item {
  id: string;
  seq: number;
  rev: number;
  deleted?: boolean;
}

export interface Batch<T extends Item> {
  prev: number;
  rev: number;
  items: T[];
}

export interface SyncAnswer<T extends Item> {
  rev: number;
  items: T[];
  more: boolean;
  reset: boolean;
  /** In a snapshot (`reset`, or a join without cursor): whether there is older history. */
  older?: boolean;
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

export interface Ok {
  ok: true;
}

export type PresenceState = "online" | "idle" | "away" | "offline";

/** What a person chose; the table of the server, `app/accounts/preference_table.py`. */
export interface Preferences {
  theme: "system" | "light" | "dark";
  density: "comfortable" | "compact";
  language: "auto" | "en" | "de";
  /** An IANA name; empty: no device said one yet. */
  time_zone: string;
  clock: "auto" | "12" | "24";
  week_start: "auto" | "monday" | "sunday" | "saturday";
  sounds: "on" | "off";
  /** `auto`: a new line where one types on glass, else it sends. */
  enter_key: "auto" | "send" | "newline";
  room_opens_at: "unread" | "newest";
  room_order: "name" | "activity" | "own";
  /** Ids of rooms, and names of the sections that are folded. */
  sections: { favourites: string[]; folded: string[]; order: string[] };
  /** 0: the emoji's own yellow, 1 to 5: light to dark. */
  /** Of admins: the list of the first visit. */
  first_steps: "shown" | "hidden";
  emoji_skin_tone: number;
  emoji_recent: { emoji: string; count: number }[];
}

/** The one who is signed in. */
export interface Me {
  id: string;
  username: string;
  name: string;
  role: "admin" | "member";
  time_zone?: string;
}

/** A person as shown beside a name or an avatar. */
export interface Person {
  id: string;
  name: string;
  username?: string;
  state?: PresenceState;
  /** A program; it is marked wherever its name is shown. */
  bot?: boolean;
}
