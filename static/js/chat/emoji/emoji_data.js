/** The standard emoji: fetched when they are first asked for, in the page's language. */
import { LANGUAGE } from "../../core/i18n.js";

/**
 * @typedef {object} Emoji
 * @property {string} symbol
 * @property {number} group as CLDR numbers them
 * @property {string} name
 * @property {string[]} codes shortcodes that the server knows too
 * @property {string[]} words by which it is found
 * @property {number} version of Unicode's emoji
 * @property {string[]} tones the five skin tones, light to dark; none for most
 */

/** @typedef {[string, number, string, string, string, number, string[]?]} Row */

const LANGUAGES = new Set(["en", "de"]);

/** @type {Promise<Emoji[]> | null} */
let loading = null;

/**
 * @param {string} folder the address of the data
 * @returns {Promise<Emoji[]>} in the usual order; rejects while they can't be fetched
 */
export function loadEmoji(folder) {
  loading ??= fetchEmoji(folder).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** @param {string} folder @returns {Promise<Emoji[]>} */
async function fetchEmoji(folder) {
  const language = LANGUAGES.has(LANGUAGE) ? LANGUAGE : "en";
  const answer = await fetch(`${folder}/${language}.json`);
  if (!answer.ok) throw new Error(`The emoji are not there: ${answer.status}.`);
  /** @type {Emoji[]} */
  const all = (await answer.json()).map(emojiOf);
  const newest = newestShown(measured());
  return all.filter(({ version }) => version <= newest);
}

/** @param {Row} row @returns {Emoji} */
export function emojiOf([symbol, group, name, codes, words, version, tones = []]) {
  return { symbol, group, name, codes: codes.split(" "), words: words.split(" "), version, tones };
}

/** An emoji of each newer version; older ones are everywhere. @type {[number, string][]} */
const NEWER = [
  [14, "\u{1fae0}"],
  [15, "\u{1fae8}"],
  [16, "\u{1fae9}"],
  [17, "\u{1faea}"],
];

/**
 * The newest version that the device has pictures of: a missing one is a box of another width.
 * @param {(text: string) => number} width of a text, as the page shows it
 */
export function newestShown(width) {
  const usual = width("\u{1f600}");
  const missing = NEWER.find(([, symbol]) => Math.abs(width(symbol) - usual) > usual * 0.05);
  return missing ? missing[0] - 0.1 : Number.POSITIVE_INFINITY;
}

function measured() {
  const context = document.createElement("canvas").getContext("2d");
  if (!context) return () => 0;
  context.font = `20px ${getComputedStyle(document.body).fontFamily}`;
  return (/** @type {string} */ text) => context.measureText(text).width;
}
