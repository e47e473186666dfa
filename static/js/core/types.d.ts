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
