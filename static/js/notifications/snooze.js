/** The end of a snooze: in an hour, or tomorrow morning in the person's time zone. Pure. */

const HOUR_MS = 3_600_000;
const MORNING_HOUR = 8;

/** @param {number} now milliseconds */
export function inAnHour(now) {
  return now + HOUR_MS;
}

/**
 * Eight in the morning of the next day.
 * @param {number} now milliseconds
 * @param {string} [zone] IANA name; none: the device's own
 */
export function tomorrow(now, zone) {
  const local = wallClock(now, zone);
  const midnight = local - (local % (24 * HOUR_MS));
  const wanted = midnight + (24 + MORNING_HOUR) * HOUR_MS;
  // The zone's offset may change tonight: use the offset of tomorrow morning.
  const guess = wanted - (local - now);
  return guess + (wanted - wallClock(guess, zone));
}

/** The wall time in the zone, as if it were UTC; whole seconds. @param {number} at @param {string} [zone] */
function wallClock(at, zone) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone || undefined,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  }).formatToParts(at);
  const of = (/** @type {string} */ type) =>
    Number(parts.find((part) => part.type === type)?.value ?? 0);
  return Date.UTC(of("year"), of("month") - 1, of("day"), of("hour"), of("minute"), of("second"));
}
