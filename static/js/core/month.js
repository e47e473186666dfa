/** Days of a month as weeks, and the way between them. Days are texts, `2026-11-30`. No DOM. */

/** @import { Preferences } from "./types.d.ts" */

const DAY_MS = 86_400_000;
const MONDAY = 1;
const WEEK = 7;
const DECEMBER = 12;

/** @type {Record<string, number>} */
const STARTS = { sunday: 0, monday: 1, saturday: 6 };

/**
 * The day that a week begins with: 0 is Sunday, 6 Saturday.
 * @param {Preferences["week_start"]} chosen `auto`: as people of the locale's region have it
 * @param {string} locale
 */
export function firstWeekday(chosen, locale) {
  return STARTS[chosen] ?? firstOfLocale(locale);
}

/** @param {string} locale */
function firstOfLocale(locale) {
  const known = /** @type {any} */ (new Intl.Locale(locale));
  // Older browsers have it as a property, some not at all.
  const { firstDay = MONDAY } = known.getWeekInfo?.() ?? known.weekInfo ?? {};
  return firstDay % WEEK;
}

/**
 * The weeks of the month of `day`, without the days of others (null).
 * @param {string} day @param {number} first the weekday that they begin with
 * @returns {(string | null)[][]}
 */
export function weeksOf(day, first) {
  const [year = 0, month = 1] = numbers(day);
  const count = daysIn(year, month);
  const blank = (weekday(isoDay(year, month, 1)) - first + WEEK) % WEEK;
  /** @type {(string | null)[]} */
  const cells = Array.from({ length: Math.ceil((blank + count) / WEEK) * WEEK }, (_, at) =>
    at < blank || at >= blank + count ? null : isoDay(year, month, at - blank + 1),
  );
  return Array.from({ length: cells.length / WEEK }, (_, week) =>
    cells.slice(week * WEEK, (week + 1) * WEEK),
  );
}

/** The same day of another month, or its last one. @param {string} day @param {number} by months */
export function inMonth(day, by) {
  const [year = 0, month = 1, date = 1] = numbers(day);
  const index = year * DECEMBER + month - 1 + by;
  const [to, then] = [Math.floor(index / DECEMBER), (index % DECEMBER) + 1];
  return isoDay(to, then, Math.min(date, daysIn(to, then)));
}

/**
 * The day that a key leads to; null for another key.
 * @param {string} day @param {string} key @param {number} first the weekday that weeks begin with
 */
export function dayAt(day, key, first) {
  const place = (weekday(day) - first + WEEK) % WEEK;
  /** @type {Record<string, number>} */
  const steps = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -WEEK,
    ArrowDown: WEEK,
    Home: -place,
    End: WEEK - 1 - place,
  };
  if (key === "PageUp" || key === "PageDown") return inMonth(day, key === "PageUp" ? -1 : 1);
  const step = steps[key];
  return step === undefined ? null : new Date(at(day) + step * DAY_MS).toISOString().slice(0, 10);
}

/** Noon of the day in UTC: a moment to write its name with. @param {string} day */
export function noonOf(day) {
  return new Date(`${day}T12:00:00Z`);
}

/** @param {string} day */
function at(day) {
  return noonOf(day).getTime();
}

/** @param {string} day */
function weekday(day) {
  return noonOf(day).getUTCDay();
}

/** @param {string} day */
function numbers(day) {
  return day.split("-").map(Number);
}

/** @param {number} year @param {number} month 1 to 12 */
function daysIn(year, month) {
  return new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** @param {number} year @param {number} month @param {number} date */
function isoDay(year, month, date) {
  return [
    String(year).padStart(4, "0"),
    ...[month, date].map((n) => String(n).padStart(2, "0")),
  ].join("-");
}
