/** Requests, events and documents of `/notifications`. */

import type { Batch, Item, SyncAnswer } from "../core/types.d.ts";

/** How a notification alerts: not at all, in an open page, or also outside of the browser. */
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
  /** Unread notifications with the same key are shown as one line. */
  group?: string;
  actor?: { id: string; name: string };
  /** Ids of the room and message it is about. */
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
  "preferences:room": [{ room: string; level: RoomLevel }, { ok: true; preferences: Preferences }];
  "preferences:set": [Preferences, { ok: true; preferences: Preferences }];
}

/** The server's events on `/notifications`. */
export interface InboxEvents {
  inbox: { unread: number; rev: number; items: Notification[] };
  notifications: Batch<Notification> & { unread: number };
  preferences: { preferences: Preferences };
  "person:preferences": { preferences: PersonalPreferences };
}
