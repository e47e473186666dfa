/** The emoji that this person uses, on all devices: the most used, the most recent, and the skin tone. */
import { t } from "../../core/i18n.js";

/** @import { Preferences } from "../../core/types.d.ts" */

const MOST = 60;
/** Where the uses are as many as this, each counts half from then on: habits change. */
const FADES_AT = 150;

/** The most common reactions, with names that a screen reader speaks. @type {readonly (readonly [string, () => string])[]} */
const USUAL = [
  ["👍", () => t("thumbs up")],
  ["❤️", () => t("heart")],
  ["😂", () => t("laughing")],
  ["🎉", () => t("celebrate")],
  ["👀", () => t("looking")],
  ["🙏", () => t("thank you")],
  ["✅", () => t("done")],
  ["🚀", () => t("off it goes")],
  ["🤔", () => t("thinking")],
];

/** @typedef {{ symbol: string, name: string }} Known */
/** @typedef {Pick<Preferences, "emoji_recent" | "emoji_skin_tone">} Kept */

/**
 * @typedef {object} Keeper of preferences
 * @property {<K extends keyof Kept>(key: K) => Kept[K]} get
 * @property {(changes: Partial<Kept>) => void} set
 */

export class EmojiUse {
  /** @param {Keeper} preferences */
  constructor(preferences) {
    this.#preferences = preferences;
  }

  #preferences;

  /** The person used an emoji. @param {string} symbol */
  note(symbol) {
    const before = this.#preferences.get("emoji_recent");
    const used = before.find(({ emoji }) => emoji === symbol)?.count ?? 0;
    const others = before.filter(({ emoji }) => emoji !== symbol);
    const all = [{ emoji: symbol, count: used + 1 }, ...others].slice(0, MOST);
    this.#preferences.set({ emoji_recent: faded(all) });
  }

  /** @param {number} count @returns {Known[]} the most used, then the usual */
  top(count) {
    const used = [...this.#preferences.get("emoji_recent")].sort((a, b) => b.count - a.count);
    const own = new Set(used.map(({ emoji }) => emoji));
    const usual = USUAL.filter(([symbol]) => !own.has(symbol));
    const symbols = [...used.map(({ emoji }) => emoji), ...usual.map(([symbol]) => symbol)];
    return symbols.slice(0, count).map(known);
  }

  /** @param {number} count @returns {Known[]} the last used first */
  recent(count) {
    const recent = this.#preferences.get("emoji_recent").slice(0, count);
    return recent.map(({ emoji }) => known(emoji));
  }

  /** 0: none, 1 to 5: light to dark. */
  get tone() {
    return this.#preferences.get("emoji_skin_tone");
  }

  set tone(tone) {
    this.#preferences.set({ emoji_skin_tone: tone });
  }
}

/** @param {Kept["emoji_recent"]} used */
function faded(used) {
  const total = used.reduce((sum, { count }) => sum + count, 0);
  if (total < FADES_AT) return used;
  return used.map(({ emoji, count }) => ({ emoji, count: Math.max(1, Math.floor(count / 2)) }));
}

/** Screen readers know the names of emoji themselves. @param {string} symbol @returns {Known} */
function known(symbol) {
  return { symbol, name: USUAL.find(([each]) => each === symbol)?.[1]() ?? symbol };
}
