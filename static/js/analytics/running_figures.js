/**
 * Continues the figures of a range: the server sends the figures of all time each second, and their
 * difference since the answer for the range belongs to the range. No I/O.
 */

/** @import { Figures, Named } from "./types.d.ts" */

/** Figures that are those of this moment, whatever the range. */
const OF_NOW = /** @type {const} */ (["active_users", "connections", "timestamp"]);
const ADDED = /** @type {const} */ (["page_views", "events"]);

/**
 * @param {Figures} range as answered
 * @param {Figures} base of all time, when it was answered
 * @param {Figures} live of all time, now
 * @returns {Figures}
 */
export function runningFigures(range, base, live) {
  /** @type {Figures} */
  const shown = { ...range };
  for (const name of ADDED) shown[name] = range[name] + live[name] - base[name];
  for (const name of OF_NOW) Object.assign(shown, { [name]: live[name] });
  shown.event_counts = addedCounts(range.event_counts, base.event_counts, live.event_counts);
  shown.errors = addedCounts(range.errors, base.errors, live.errors);
  shown.top_pages = addedNames(range.top_pages, base.top_pages, live.top_pages);
  shown.referrers = addedNames(range.referrers, base.referrers, live.referrers);
  return shown;
}

/** @typedef {Record<string, number>} Counts */

/** @param {Counts} range @param {Counts} base @param {Counts} live @returns {Counts} */
function addedCounts(range, base, live) {
  const news = Object.entries(live)
    .map(([name, n]) => /** @type {const} */ ([name, n - (base[name] ?? 0)]))
    .filter(([, n]) => n > 0);
  const sum = { ...range };
  for (const [name, n] of news) sum[name] = (sum[name] ?? 0) + n;
  return sum;
}

/**
 * The live figures list only the most common names: one that is not in both lists has not changed, as far as
 * one knows, until the range is asked for again.
 * @param {Named[]} range @param {Named[]} base @param {Named[]} live @returns {Named[]}
 */
function addedNames(range, base, live) {
  const before = countsOf(base);
  const known = live.filter(({ name }) => name in before);
  return Object.entries(addedCounts(countsOf(range), before, countsOf(known)))
    .map(([name, n]) => ({ name, n }))
    .sort(byCount);
}

/** @param {Named[]} list @returns {Counts} */
function countsOf(list) {
  return Object.fromEntries(list.map(({ name, n }) => [name, n]));
}

/** The most first; of as many, in the order of the alphabet. @param {Named} one @param {Named} other */
export function byCount(one, other) {
  return other.n - one.n || (one.name < other.name ? -1 : 1);
}

/** @param {Counts} counts @returns {Named[]} the most first */
export function listed(counts) {
  return Object.entries(counts)
    .map(([name, n]) => ({ name, n }))
    .sort(byCount);
}

/** @param {Counts} counts */
export function total(counts) {
  return Object.values(counts).reduce((sum, n) => sum + n, 0);
}
