/** Converts between milliseconds and the wall time of any time zone. No I/O. */

/** @typedef {{ year: number, month: number, day: number, hour?: number, minute?: number }} WallTime as a calendar and a clock show it; months from 1 */

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
 * The wall time in a zone.
 * @param {number} at milliseconds @param {string} zone
 * @returns {Required<WallTime>}
 */
export function wallTime(at, zone) {
  const parts = Object.fromEntries(
    formatter(zone)
      .formatToParts(at)
      .map(({ type, value }) => [type, Number(value)]),
  );
  const { year = 0, month = 0, day = 0, hour = 0, minute = 0 } = parts;
  return { year, month, day, hour, minute };
}

/**
 * The time at which a zone has this wall time. In an hour that summer time repeats it is the first; in
 * an hour that it skips, the time as far from midnight.
 * @param {WallTime} shown days and months may run over
 * @param {string} zone
 * @returns {number} milliseconds
 */
export function fromWallTime({ year, month, day, hour = 0, minute = 0 }, zone) {
  const naive = Date.UTC(year, month - 1, day, hour, minute);
  const guesses = [naive - 86_400_000, naive].map((near) => naive - offset(near, zone));
  return Math.min(...guesses.filter((at) => at + offset(at, zone) === naive), Math.max(...guesses));
}

/** The zone's offset from UTC, in milliseconds. @param {number} at @param {string} zone */
function offset(at, zone) {
  const shown = wallTime(at, zone);
  const minute = Math.floor(at / 60_000) * 60_000;
  return Date.UTC(shown.year, shown.month - 1, shown.day, shown.hour, shown.minute) - minute;
}

/** The beginning of the zone's day, or of one some days earlier. @param {number} at @param {string} zone */
export function midnight(at, zone, days_back = 0) {
  const { year, month, day } = wallTime(at, zone);
  return fromWallTime({ year, month, day: day - days_back }, zone);
}

/** The zone, or the browser's own where it does not know the zone. @param {string | undefined} zone */
export function knownZone(zone) {
  try {
    return new Intl.DateTimeFormat("en-GB", { timeZone: zone }).resolvedOptions().timeZone;
  } catch {
    return Intl.DateTimeFormat().resolvedOptions().timeZone;
  }
}
