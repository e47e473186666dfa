/**
 * Finds names by any part of them, in any script: for lists that are on the page already. The server
 * finds the others by the same rule (app/name_keys.py), tested with the same table. Pure.
 */

// Characters that people leave out: accents, the points of Hebrew and Arabic, the tatweel, and those
// without a shape. Marks that spell something else (Japanese, Indian scripts) stay.
const LEFT_OUT = new RegExp(
  "[\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff\\ufe20-\\ufe2f" +
    "\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0640\\u064b-\\u0655\\u0670" +
    "\\u00ad\\u200b-\\u200f\\u2060\\ufe00-\\ufe0f\\ufeff]",
  "gu",
);
/** Letters with a stroke, and joined ones, which Unicode doesn't take apart. @type {Record<string, string>} */
const LETTERS = {
  ø: "o",
  ł: "l",
  đ: "d",
  ð: "d",
  ħ: "h",
  ŧ: "t",
  ı: "i",
  æ: "ae",
  œ: "oe",
  þ: "th",
  ß: "ss",
  ς: "σ",
};
const SPECIAL = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "gu");
const NO_WORD = /[^\p{L}\p{M}\p{N}\p{S}]+/u;
const CHARACTERS = 120;
const WORDS = 5;

/** Names that were folded before. @type {Map<string, string>} */
const known = new Map();
const KNOWN_AT_MOST = 5_000;

/** How well a name fits: 0 is not at all, `SCATTERED` only for letters in this order. */
export const SCATTERED = 1;
export const INSIDE = 2;
export const WORD_START = 3;
export const NAME_START = 4;

/** A name as it is compared: no case, no accents, its words apart. @param {string} name */
export function folded(name) {
  const held = known.get(name);
  if (held !== undefined) return held;
  const apart = name.slice(0, CHARACTERS).normalize("NFKD").toLowerCase();
  const plain = apart
    .replace(LEFT_OUT, "")
    .replace(SPECIAL, (letter) => LETTERS[letter] ?? letter)
    .normalize("NFC");
  const text = plain.split(NO_WORD).filter(Boolean).join(" ");
  if (known.size >= KNOWN_AT_MOST) known.clear();
  known.set(name, text);
  return text;
}

/**
 * @param {string} name
 * @param {string} letters words, each of which has to be in the name; all names match none
 * @returns {number} one of the places above, or 0
 */
export function matchScore(name, letters) {
  const text = folded(name);
  const sought = folded(letters);
  if (text.startsWith(sought)) return NAME_START;
  const words = sought.split(" ").slice(0, WORDS);
  if (words.every((word) => ` ${text}`.includes(` ${word}`))) return WORD_START;
  if (words.every((word) => text.includes(word))) return INSIDE;
  return isScattered(text, sought) ? SCATTERED : 0;
}

/** @param {string} text @param {string} sought */
function isScattered(text, sought) {
  let at = 0;
  for (const letter of text) if (letter === sought[at]) at += 1;
  return at === sought.length;
}
