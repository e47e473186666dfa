/** Points of a series: merges, compares and arranges them for a chart. No I/O. */
import { STEP_MS } from "./time_ranges.js";

/** @import { Point, Step } from "./types.d.ts" */

/** @typedef {(number | null)[]} Column */

/**
 * The held points, with those of a newer answer in their place from the answer's first point on.
 * @param {Point[]} held @param {Point[]} answer @param {number} from start of the range; earlier points are dropped
 */
export function mergedPoints(held, answer, from) {
  const [first] = answer;
  const kept = first ? held.filter(({ at }) => Date.parse(at) < Date.parse(first.at)) : held;
  return [...kept, ...answer].filter(({ at }) => Date.parse(at) >= from);
}

/**
 * Columns for a chart: times in seconds, what is whole, what is still under way (with the point
 * before it, so that a line leads there), and what was before.
 * @param {{ points: Point[], before: Point[], now: number, step: Step }} series
 * @returns {{ times: number[], whole: Column, partial: Column, before: Column }}
 */
export function columns({ points, before, now, step }) {
  const times = points.map(({ at }) => Date.parse(at) / 1000);
  const values = points.map(({ value }) => value);
  const last = points.length - 1;
  const isPartial = last >= 0 && (times[last] ?? 0) * 1000 + STEP_MS[step] > now;
  return {
    times,
    whole: values.map((value, i) => (isPartial && i === last ? null : value)),
    partial: values.map((value, i) => (isPartial && i >= last - 1 ? value : null)),
    before: points.map((_, i) => before[i]?.value ?? null),
  };
}

/** @typedef {{ percent: number | null, direction: "up" | "down" | "same" }} Change `percent` null: there was nothing before */

/**
 * The change of a figure against the one before.
 * @param {number | null | undefined} now @param {number | null | undefined} before
 * @returns {Change | null} null where there is nothing to compare
 */
export function change(now, before) {
  if (now === null || now === undefined || before === null || before === undefined) return null;
  if (now === before) return { percent: 0, direction: "same" };
  const percent = before === 0 ? null : Math.round((100 * (now - before)) / before);
  if (percent === 0) return { percent, direction: "same" };
  return { percent, direction: now > before ? "up" : "down" };
}
