/**
 * What every part of the server speaks: streams and their items, errors, the connection.
 *
 * These files hold the shapes that pass between the server, `core/` and `views/`: the protocol's
 * words, as types. Use them with a JSDoc import in a block comment, as
 * `@import { Message } from "../types/chat.d.ts"`.
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

/** The least a stream needs of what it holds. */
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
  /** Of a snapshot (`reset`, or a join without cursor): there is older history. */
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
