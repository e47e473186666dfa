/**
 * Breakdown, funnel and retention. Each makes the server read many events, so each is requested only
 * when it scrolls into view, and again when the range changes.
 */
import { byId } from "../core/ui/dom.js";
import { BreakdownView } from "./breakdown_view.js";
import { customTypes, VIEW } from "./custom_events.js";
import { FunnelView } from "./funnel_view.js";
import { RetentionView } from "./retention_view.js";
import { asRequest } from "./time_ranges.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, Figures, Span } from "./types.d.ts" */
/** @import { ZoneClock } from "./number_format.js" */

const WEEKS = 8;
/** Events themselves are kept so long. */
const LONGEST_MS = 30 * 86_400_000;
const SLOW_MS = 20_000;

export class Reports {
  /** Panels whose answer is not of the current range. @type {Set<string>} */
  #stale = new Set(["breakdown", "funnel", "retention"]);
  /** @type {Set<string>} */
  #inView = new Set();
  #isReady = false;

  /**
   * @param {object} parts
   * @param {Channel<AnalyticsRequests, AnalyticsEvents>} parts.channel
   * @param {ZoneClock} parts.zoneClock
   * @param {() => Span} parts.span
   * @param {(error: unknown) => void} parts.onTrouble
   */
  constructor({ channel, zoneClock, span, onTrouble }) {
    const within = () => asRequest(newest(span()));
    const isCut = () => span().to - span().from > LONGEST_MS;
    const slow = { timeout_ms: SLOW_MS };
    this.breakdown = new BreakdownView(byId("breakdown"), {
      properties: async (event_type) =>
        (await channel.request("properties", { event_type }, slow)).properties,
      breakdown: (event_type, property) =>
        channel.request("breakdown", { event_type, property, ...within() }, slow),
      isCut,
      onTrouble,
    });
    this.funnel = new FunnelView(byId("funnel"), {
      funnel: async (steps) =>
        (await channel.request("funnel", { steps, ...within() }, slow)).steps,
      isCut,
      onTrouble,
    });
    const retention = new RetentionView(byId("retention"), zoneClock);
    this.#asks = new Map([
      ["breakdown", () => this.breakdown.refresh()],
      ["funnel", () => this.funnel.refresh()],
      [
        "retention",
        () =>
          channel
            .request("retention", { weeks: WEEKS }, slow)
            .then(({ cohorts }) => retention.show(cohorts), onTrouble),
      ],
    ]);
    this.#watch();
  }

  #asks;

  /** @param {Figures} live of all time @param {string[]} types event types that are known */
  types(live, types) {
    // Custom events are more interesting than those that Parley counts by itself.
    const own = customTypes(live);
    const others = types.filter((name) => !own.includes(name) && name !== VIEW);
    this.breakdown.types(types, own[0] ?? (types.includes(VIEW) ? VIEW : (types[0] ?? "")));
    this.funnel.types(types, [...types.filter((name) => name === VIEW), ...own, ...others]);
  }

  /** The connection is there: what is in view is asked. */
  ready() {
    this.#isReady = true;
    this.#stale = new Set(this.#asks.keys());
    this.#ask();
  }

  /** Another range. */
  changed() {
    this.#stale.add("breakdown").add("funnel");
    this.#ask();
  }

  #watch() {
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) this.#inView.add(target.id);
        else this.#inView.delete(target.id);
      }
      this.#ask();
    });
    for (const name of this.#asks.keys()) observer.observe(byId(name));
  }

  #ask() {
    if (!this.#isReady) return;
    for (const name of this.#inView) {
      if (!this.#stale.has(name)) continue;
      this.#stale.delete(name);
      this.#asks.get(name)?.();
    }
  }
}

/** The last 30 days of it. @param {Span} span @returns {Span} */
function newest({ from, to }) {
  return { from: Math.max(from, to - LONGEST_MS), to };
}
