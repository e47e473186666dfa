/** Days and clocks of a time zone other than the browser's: what its walls show, and when that is. No I/O. */

/** @typedef {{ year: number, month: number, day: number, hour?: number, minute?: number }} Wall as a calendar and a clock show it; months from 1 */

/** @type {Map<string, Intl.DateTimeFormat>} */
const formatters = new Map();

/** @param {string} zone IANA name */
function formatter(zone) {
  const held = formatters.get(zone);
  if (held) return held;
  const made = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formatters.set(zone, made);
  return made;
}

/**
 * What the wall shows there at a moment.
 * @param {number} at milliseconds @param {string} zone
 * @returns {Required<Wall>}
 */
export function wall(at, zone) {
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
  return { year, month, day, hour, minute };
}

/**
 * When the wall there shows this. In the hour that a summer time repeats, the first; of one that it
 * leaves out, the moment that is as far from midnight.
 * @param {Wall} shown days and months may run over
 * @param {string} zone
 * @returns {number} milliseconds
 */
export function moment({ year, month, day, hour = 0, minute = 0 }, zone) {
  const naive = Date.UTC(year, month - 1, day, hour, minute);
  const guesses = [naive - 86_400_000, naive].map((near) => naive - offset(near, zone));
  return Math.min(...guesses.filter((at) => at + offset(at, zone) === naive), Math.max(...guesses));
}

/** How far the walls there are before UTC. @param {number} at @param {string} zone */
function offset(at, zone) {
  const shown = wall(at, zone);
  const minute = Math.floor(at / 60_000) * 60_000;
  return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute) - minute;
}

/** The beginning of the day there, or of one some days earlier. @param {number} at @param {string} zone */
export function midnight(at, zone, days_back = 0) {
  const { year, month, day } = wall(at, zone);
  return moment({ year, month, day: day - days_back }, zone);
}

/** A zone this browser knows, or its own: a setting it can't read must not blank the page. @param {string | undefined} zone */
export function known(zone) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}
