/** Messages on their way to the server, as this browser keeps them. */

/** An entry of the outbox; `account` and `room` are ids. */
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

/** Keeps the entries of the outbox over reloads, each account's apart. */
export interface OutboxStore {
  /** Resolves with the entry's place in the order. */
  add(entry: Omit<OutboxEntry, "n">): Promise<number>;
  put(entry: OutboxEntry): Promise<void>;
  remove(n: number): Promise<void>;
  all(account: string): Promise<OutboxEntry[]>;
}

/** A change of the outbox that one tab tells the others. */
export type OutboxNews =
  | { kind: "kept"; entry: OutboxEntry }
  | { kind: "acked"; entry: OutboxEntry; rev: number }
  | { kind: "gone"; entry: OutboxEntry };
