/** Requests, events and documents of `/analytics`. */

import type { Ok } from "../core/types.d.ts";

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

/** The room that a page shows; `name` is null where the person may not know it. */
export interface PageName {
  kind: "open" | "private" | "direct";
  name: string | null;
}

/** One bucket of a series; null where it has no value, as a duration without a measurement. */
export interface Point {
  at: string;
  value: number | null;
}

/** From and to in milliseconds; `before` is the same length just before it. */
export interface Span {
  from: number;
  to: number;
}

export interface TimeRange extends Span {
  step: Step;
  before: Span;
  /** It ends now and moves on with the time. */
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
  page_names: [{ paths: string[] }, { ok: true; names: Record<string, PageName> }];
  "feed:start": [{ types?: string[] }, Ok];
  "feed:stop": [Record<string, never>, Ok];
}

/** The server's events on `/analytics`. */
export interface AnalyticsEvents {
  metrics: Figures;
  events: { items: TrackedEvent[]; skipped: number };
}
