/** Requests, events and documents of `/topics`. */

import type { Ok } from "../core/types.d.ts";

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

/** The server's events on `/topics`, and those of the socket itself. */
export interface TopicEvents {
  events: { topic: string; prev: number; rev: number; items: TopicEvent[] };
  connect: Record<string, never>;
  disconnect: Record<string, never>;
}
