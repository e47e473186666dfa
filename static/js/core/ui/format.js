/**
 * Words for people: times, days, names, initials, lists. No DOM.
 */

import { LOCALE, t } from "../i18n.js";
import { preferences } from "../preferences.js";

/** The lines around a block of code. */
const FENCE = /^ *(?:```|~~~).*$/gmu;
const TINTS = 10;
const PATTERNS = 8;

/** The choice between 12 and 24 hours, as an option of a formatter. @type {Record<string, Intl.DateTimeFormatOptions>} */
const HOURS = { auto: {}, 12: { hourCycle: "h12" }, 24: { hourCycle: "h23" } };

/** Times and days as one person reads them, in their time zone. */
export class Calendar {
  /**
   * @param {string} [timeZone] IANA name; empty: the device's own
   * @param {"auto" | "12" | "24"} [hours]
   */
  constructor(timeZone = preferences.get("time_zone"), hours = preferences.get("clock")) {
    const cycle = HOURS[hours] ?? {};
    this.clock = formatter(timeZone, { hour: "numeric", minute: "2-digit", ...cycle });
    this.key = formatter(timeZone, { year: "numeric", month: "2-digit", day: "2-digit" });
    this.weekday = formatter(timeZone, { weekday: "long", day: "numeric", month: "long" });
    this.full = formatter(timeZone, { dateStyle: "full", timeStyle: "short", ...cycle });
    this.withYear = formatter(timeZone, { dateStyle: "long" });
  }

  /** @param {string} at RFC 3339 */
  time(at) {
    return this.clock.format(new Date(at));
  }

  /** @param {string} at RFC 3339 */
  exact(at) {
    return this.full.format(new Date(at));
  }

  /** The same string for all times of one day. @param {string} at */
  dayKey(at) {
    return this.key.format(new Date(at));
  }

  /** @param {string} at */
  isToday(at, now = new Date()) {
    return this.dayKey(at) === this.key.format(now);
  }

  /** "Today", "Yesterday", "Monday, 3 March", "3 March 2024". @param {string} at */
  day(at, now = new Date()) {
    const date = new Date(at);
    const key = this.key.format(date);
    if (key === this.key.format(now)) return t("Today");
    if (key === this.key.format(new Date(now.getTime() - 86_400_000))) return t("Yesterday");
    const isRecent = now.getTime() - date.getTime() < 300 * 86_400_000;
    return (isRecent ? this.weekday : this.withYear).format(date);
  }

  /** "2026-03-04". @param {string} at */
  isoDay(at) {
    const parts = this.key.formatToParts(new Date(at));
    const find = (/** @type {string} */ type) => parts.find((part) => part.type === type)?.value;
    return `${find("year")}-${find("month")}-${find("day")}`;
  }

  /** When a day begins here, RFC 3339. @param {string} day "2026-03-04" */
  startOf(day) {
    const HOUR_MS = 3_600_000;
    const midnight = Date.parse(`${day}T00:00:00Z`);
    // Zones are up to 14 hours off; the first quarter of an hour that belongs to the day is it.
    for (let at = midnight - 14 * HOUR_MS; at < midnight + 14 * HOUR_MS; at += HOUR_MS / 4)
      if (this.isoDay(new Date(at).toISOString()) >= day) return new Date(at).toISOString();
    return new Date(midnight).toISOString();
  }

  /** "10:12" of today, "Yesterday, 10:12" of another day. @param {string} at */
  since(at, now = new Date()) {
    const isToday = this.dayKey(at) === this.key.format(now);
    const [time, day] = [this.time(at), this.day(at, now)];
    return isToday ? time : t("{day}, {time}", { day, time });
  }
}

/**
 * An unknown zone falls back to the device's: a wrong setting must not blank the page.
 * @param {string | undefined} timeZone
 * @param {Intl.DateTimeFormatOptions} options
 */
function formatter(timeZone, options) {
  try {
    return new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: timeZone || undefined });
  } catch {
    return new Intl.DateTimeFormat(LOCALE, options);
  }
}

/** "Ana Lind" → "AL", "ben" → "B". @param {string} name */
export function initials(name) {
  const all = name.trim().split(/\s+/u).filter(Boolean);
  // An emoji beside a name is left out; alone it has all the room.
  const lettered = all.filter((word) => /^[\p{L}\p{N}]/u.test(word));
  const words = lettered.length ? lettered : all.slice(0, 1);
  const ends = [...new Set([words[0] ?? "", words.length > 1 ? words[words.length - 1] : ""])];
  return ends.map((word) => [...(word ?? "")][0]?.toLocaleUpperCase() ?? "").join("") || "?";
}

/**
 * The colour (1–10) and the pattern (1–8) that stay with an id.
 * @param {string} id
 */
export function tintAndPattern(id) {
  // FNV-1a, stirred once more: ids that follow each other in time end alike.
  let hash = 2_166_136_261;
  for (const letter of id) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  hash = Math.imul(hash ^ (hash >>> 15), 2_246_822_507);
  const number = (hash ^ (hash >>> 13)) >>> 0;
  return { tint: (number % TINTS) + 1, pattern: (Math.floor(number / TINTS) % PATTERNS) + 1 };
}

const list = new Intl.ListFormat(LOCALE);

/** "Ben, Cleo and Dana" or, past `most`, "Ben, Cleo +3". @param {string[]} names @param {number} more without a name */
export function namesInLine(names, most = 3, more = 0) {
  if (more > 0 || names.length > most) {
    const shown = names.length > most ? names.slice(0, most - 1) : names;
    return `${shown.join(", ")} +${names.length + more - shown.length}`;
  }
  return list.format(names);
}

const RIGHT_TO_LEFT =
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;

/**
 * A name for the middle of a sentence that is one string, as in a tooltip: where it runs from right
 * to left, marks keep the words around it in their places. In elements `typed` does that.
 * @param {string} name
 */
export function isolated(name) {
  return RIGHT_TO_LEFT.test(name) ? `\u2068${name}\u2069` : name;
}

/** @param {string} name */
export function firstName(name) {
  return name.trim().split(/\s+/u)[0] || name;
}

/** One line of at most `most` characters. @param {string} text */
export function oneLine(text, most = 140) {
  const line = text.replace(FENCE, "").replace(/\s+/gu, " ").trim();
  const letters = [...line.slice(0, most * 2 + 2)];
  return letters.length > most ? `${letters.slice(0, most - 1).join("")}…` : line;
}

/** One line of a message for a quote or a list, without Markdown's marks. @param {string} text */
export function quoted(text, most = 140) {
  // Marks and the rules of tables take room too; of a long text only the beginning is looked at.
  const plain = text
    .slice(0, most * 8)
    .replace(FENCE, "")
    .replace(/^[ |:-]*--[ |:-]*$/gmu, "")
    .replace(/^ *(?:#{1,6}|>|[-*+](?: \[[ xX]\])?) +/gmu, "")
    .replace(/\[([^[\]\n]+)\]\([^()\s]+\)/gu, "$1")
    .replace(/`+|\*{2,}|~~/gu, "");
  return oneLine(plain, most);
}
