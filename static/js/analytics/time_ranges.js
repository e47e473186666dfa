/** Time ranges: presets, custom ranges, their steps, and the range before each. No I/O. */
import { t } from "../core/i18n.js";
import { midnight } from "./time_zones.js";

/** @import { Span, Step, TimeRange } from "./types.d.ts" */

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** @type {Record<Step, number>} */
export const STEP_MS = { minute: MINUTE, hour: HOUR, day: DAY };

/** The server's limit of points in a series. */
const MOST_POINTS = 3_000;

/** A longer range is cut at its beginning. */
export const LONGEST_MS = MOST_POINTS * DAY;

/** How long the server keeps the figures of each step. @type {Record<Step, number>} */
const KEPT_MS = { minute: 30 * DAY, hour: 399 * DAY, day: Number.POSITIVE_INFINITY };

/** @typedef {{ label: string, words: string, count: number, unit: Step, steps: Step[] }} Preset the first step is the usual one */

/** @type {Record<string, Preset>} */
export const PRESETS = {
  "30m": {
    label: t("30 min"),
    words: t("the last 30 minutes"),
    count: 30,
    unit: "minute",
    steps: ["minute"],
  },
  "24h": {
    label: t("24 h"),
    words: t("the last 24 hours"),
    count: 24,
    unit: "hour",
    steps: ["hour", "minute"],
  },
  "7d": {
    label: t("7 d"),
    words: t("the last 7 days"),
    count: 7,
    unit: "day",
    steps: ["hour", "day"],
  },
  "30d": {
    label: t("30 d"),
    words: t("the last 30 days"),
    count: 30,
    unit: "day",
    steps: ["day", "hour"],
  },
  "90d": {
    label: t("90 d"),
    words: t("the last 90 days"),
    count: 90,
    unit: "day",
    steps: ["day", "hour"],
  },
};

/**
 * A preset as it stands at `now`: its first bucket is whole, its last one is under way.
 * @param {Preset} preset
 * @param {{ now: number, zone: string, step?: Step | undefined }} at
 * @returns {TimeRange}
 */
export function presetRange(preset, { now, zone, step }) {
  const { count, unit, steps } = preset;
  const from = back(now, unit, count - 1, zone);
  const earlier = back(from, unit, count, zone);
  return {
    from,
    to: now,
    step: step && steps.includes(step) ? step : /** @type {Step} */ (steps[0]),
    before: { from: earlier, to: Math.min(from, earlier + now - from) },
    isLive: true,
  };
}

/** @param {number} at @param {Step} unit @param {number} count @param {string} zone */
function back(at, unit, count, zone) {
  if (unit === "day") return midnight(at, zone, count);
  return floor(at, unit) - count * STEP_MS[unit];
}

/** The beginning of the bucket that `at` is in, as the server cuts minutes and hours. @param {number} at @param {Step} step */
export function floor(at, step) {
  return Math.floor(at / STEP_MS[step]) * STEP_MS[step];
}

/**
 * A range that somebody chose.
 * @param {Span} range @param {{ now: number, step?: Step | undefined }} at
 * @returns {TimeRange}
 */
export function customRange(range, { now, step }) {
  const end = Math.min(range.to, now);
  const from = Math.max(range.from, end - LONGEST_MS);
  const steps = stepsFor({ from, to: end }, now);
  return {
    from,
    to: end,
    step: step && steps.includes(step) ? step : /** @type {Step} */ (steps[0]),
    before: { from: from - (end - from), to: from },
    isLive: false,
  };
}

/**
 * The steps a range can be shown in, with as much before it; the usual one first.
 * @param {Span} range @param {number} now
 * @returns {Step[]}
 */
export function stepsFor({ from, to }, now) {
  const length = to - from;
  const fits = /** @type {Step[]} */ (["minute", "hour", "day"]).filter(
    (step) => length / STEP_MS[step] <= MOST_POINTS && from - length > now - KEPT_MS[step],
  );
  const usual = length <= 3 * HOUR ? "minute" : length <= 8 * DAY ? "hour" : "day";
  return fits.includes(usual) ? [usual, ...fits.filter((step) => step !== usual)] : fits;
}

/** @param {Span} range @returns {{ from: string, to: string }} for a request */
export function asRequest({ from, to }) {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() };
}
