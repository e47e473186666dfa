/** The time zone of this device, and whether two zones have the same time. No DOM. */

const DAY_MS = 86_400_000;

/** @returns {string} IANA name; empty where the browser doesn't say */
export function deviceZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";
}

/**
 * Whether clocks in both zones agree today and in half a year: one may be an older name of the other.
 * @param {string} one
 * @param {string} other
 * @param {number} [now] milliseconds
 */
export function isSameTime(one, other, now = Date.now()) {
  if (one === other) return true;
  const moments = [now, now + 182 * DAY_MS];
  return moments.every((at) => wallTime(one, at) === wallTime(other, at));
}

/** @param {string} zone @param {number} at */
function wallTime(zone, at) {
  try {
    const how = /** @type {const} */ ({ dateStyle: "short", timeStyle: "short", timeZone: zone });
    return new Intl.DateTimeFormat("en", how).format(at);
  } catch {
    return `unknown: ${zone}`;
  }
}
