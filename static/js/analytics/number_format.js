/** Formats numbers, durations, times and names of metrics. No DOM. */
import { LOCALE, t } from "../core/i18n.js";

/** @import { Change } from "./series.js" */
/** @import { Step } from "./types.d.ts" */

const NOTHING = "–";
const whole = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 0 });
const one = new Intl.NumberFormat(LOCALE, { maximumFractionDigits: 1 });
const short = new Intl.NumberFormat(LOCALE, { notation: "compact", maximumFractionDigits: 1 });

/** @typedef {(value: number | null | undefined) => string} Format */

/** @type {Format} */
export function count(n) {
  if (n === null || n === undefined) return NOTHING;
  return n >= 10_000_000 ? short.format(n) : whole.format(n);
}

/** A rate: below 100 with one digit after the point. @type {Format} */
export function rate(n) {
  if (n === null || n === undefined) return NOTHING;
  if (n > 0 && n < 0.05) return `< ${one.format(0.1)}`;
  return n < 100 ? one.format(n) : count(n);
}

/** For the scale of a chart: a round number, in four characters at most below a billion. @param {number} n */
export function scale(n) {
  return short.format(n);
}

/** @type {Format} */
export function duration(ms) {
  if (ms === null || ms === undefined) return NOTHING;
  if (ms >= 1000) return `${one.format(ms / 1000)} s`;
  return ms >= 100 ? `${whole.format(ms)} ms` : `${one.format(ms)} ms`;
}

/** @param {number} n @param {number} of */
export function share(n, of) {
  if (!of) return NOTHING;
  const percent = (100 * n) / of;
  return percent > 0 && percent < 1 ? "< 1 %" : `${whole.format(percent)} %`;
}

/** @param {Change} change @returns {string} without its direction */
export function percent({ percent, direction }) {
  if (direction === "same") return t("no change");
  if (percent === null) return t("new");
  return Math.abs(percent) > 999 ? "> 999 %" : `${whole.format(Math.abs(percent))} %`;
}

/** @type {Record<string, string>} */
const TITLES = {
  page_views: t("Page views"),
  unique_visitors: t("Unique visitors"),
  active_users: t("Active visitors"),
  sessions: t("Sessions"),
  events: t("Events"),
  messages: t("Messages"),
  errors: t("Errors"),
  connections: t("Connections"),
  commit_p50: t("Commit, median"),
  commit_p99: t("Commit, p99"),
  delivery_p50: t("Delivery, median"),
  delivery_p99: t("Delivery, p99"),
  ack_p50: t("Acknowledgement, median"),
  ack_p99: t("Acknowledgement, p99"),
};

/** @param {string} metric @param {(path: string) => string} [pageLabel] */
export function title(metric, pageLabel = (path) => path) {
  const known = TITLES[metric];
  if (known) return known;
  const [kind, ...name] = metric.split(":");
  const rest = kind === "page" ? pageLabel(name.join(":")) : name.join(":");
  /** @type {Record<string, string>} */
  const kinds = { event: t("Event"), page: t("Page"), referrer: t("From"), errors: t("Error") };
  return kind && kinds[kind] ? `${kinds[kind]}: ${rest}` : metric;
}

/** @param {string} metric @returns {Format} */
export function formatOf(metric) {
  return /^(?:ack|commit|delivery)_p\d+$/u.test(metric) ? duration : count;
}

/** Formats times in one time zone. */
export class ZoneClock {
  /** @param {string} zone */
  constructor(zone) {
    this.zone = zone;
    const make = (/** @type {Intl.DateTimeFormatOptions} */ options) =>
      new Intl.DateTimeFormat(LOCALE, { timeZone: zone, hourCycle: "h23", ...options });
    this.#clock = make({ hour: "2-digit", minute: "2-digit" });
    this.#second = make({ hour: "2-digit", minute: "2-digit", second: "2-digit" });
    this.#day = make({ weekday: "short", day: "numeric", month: "short" });
    this.#date = make({ day: "numeric", month: "short" });
    this.#utc = new Intl.DateTimeFormat(LOCALE, {
      timeZone: "UTC",
      day: "numeric",
      month: "short",
    });
  }

  #clock;
  #second;
  #day;
  #date;
  #utc;

  /** "14:05:09" @param {number} at milliseconds */
  second(at) {
    return this.#second.format(at);
  }

  /** "23 Nov" @param {string} date of its Monday, "2026-11-23": a day of no zone */
  weekOf(date) {
    return this.#utc.format(Date.parse(date));
  }

  /** The name of a bucket: "Tue, 24 Nov", "Tue, 24 Nov, 14:00–15:00". @param {number} at @param {Step} step */
  bucket(at, step) {
    if (step === "day") return this.#day.format(at);
    const clock = this.#clock.format(at);
    const until = step === "hour" ? `–${this.#clock.format(at + 3_600_000)}` : "";
    return `${this.#day.format(at)}, ${clock}${until}`;
  }

  /** "2026-11-24 14:00", for a table that is taken along. @param {number} at @param {Step} step */
  plain(at, step) {
    const local = new Date(at).toLocaleString("sv-SE", { timeZone: this.zone });
    return local.slice(0, step === "day" ? 10 : 16);
  }

  /**
   * The words under a chart's ticks: days where they are days apart, else hours, and the day where one begins.
   * @param {number[]} ticks seconds @param {number} apart_s
   */
  ticks(ticks, apart_s) {
    return ticks.map((tick) => {
      const at = tick * 1000;
      if (apart_s >= 86_400) return this.#date.format(at);
      const clock = this.#clock.format(at);
      return clock === "00:00" ? this.#date.format(at) : clock;
    });
  }
}
