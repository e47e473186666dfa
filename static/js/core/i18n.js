/**
 * The page's language: texts from its catalogue, plurals, numbers, sorting. No DOM.
 *
 * A text is known by its English words, so English needs no catalogue; in other languages a script
 * before the modules has set `parleyCatalogue`.
 */

/**
 * @typedef {object} Catalogue
 * @property {string} language
 * @property {Record<string, string | string[]>} texts by the English text; a list has the plurals
 * @property {string[]} [words] that sentences of the server have as values
 * @property {[pattern: string, text: string][]} sentences of the server, with values in them
 */

/** @type {Catalogue | undefined} */
const catalogue = /** @type {any} */ (globalThis).parleyCatalogue;

export const LANGUAGE = catalogue?.language ?? "en";

/** The language with the person's region, for dates, numbers and sorting: "de-AT". */
export const LOCALE =
  (globalThis.navigator?.languages ?? []).find(
    (each) => each.split("-")[0]?.toLowerCase() === LANGUAGE,
  ) ?? (LANGUAGE === "en" ? "en-GB" : LANGUAGE);

const numbers = new Intl.NumberFormat(LOCALE);
const plurals = new Intl.PluralRules(LANGUAGE);
/** In the order of gettext's plural forms. */
const CATEGORIES = ["zero", "one", "two", "few", "many", "other"].filter((each) =>
  plurals.resolvedOptions().pluralCategories.some((category) => category === each),
);
const VALUE = /\{(\w+)\}/u;
const VALUES = new RegExp(VALUE, "gu");

/** A number as people in the person's region write it. @param {number} value */
export const number = (value) => numbers.format(value);

/** How people in the person's region order words: a, ä, b; room 2 before room 10. */
export const compare = new Intl.Collator(LOCALE, { numeric: true }).compare;

/**
 * The text in the page's language, with `values` in place of `{name}`. Numbers are formatted.
 * @param {string} text a literal in English: the catalogues are made from the code
 * @param {Record<string, string | number>} [values]
 */
export function t(text, values = {}) {
  const found = catalogue?.texts[text] ?? text;
  return filled(typeof found === "string" ? found : (found[0] ?? text), values);
}

/**
 * The form of a text for `count`, which is also the value `{n}`.
 * @param {string} one
 * @param {string} many
 * @param {number} count
 * @param {Record<string, string | number>} [values]
 */
export function tn(one, many, count, values = {}) {
  return filled(form(one, many, count), { n: count, ...values });
}

/** @param {string} one @param {string} many @param {number} count */
function form(one, many, count) {
  const forms = catalogue?.texts[one];
  if (!Array.isArray(forms)) return count === 1 ? one : many;
  const index = CATEGORIES.indexOf(plurals.select(count));
  return forms[Math.min(index, forms.length - 1)] ?? many;
}

/**
 * Like `t`, with elements for values: children for `el`.
 * @template T
 * @param {string} text
 * @param {Record<string, T>} values
 * @returns {(T | string)[]}
 */
export function tNodes(text, values) {
  return withNodes(t(text), values);
}

/**
 * The parts of a text that is translated already, with elements for its values.
 * @template T
 * @param {string} text
 * @param {Record<string, T>} values
 * @returns {(T | string)[]}
 */
export function withNodes(text, values) {
  return text
    .split(VALUE)
    .map((part, index) => (index % 2 ? (values[part] ?? part) : part))
    .filter((part) => part !== "");
}

/** @param {string} text @param {Record<string, string | number>} values */
function filled(text, values) {
  return text.replace(VALUES, (whole, name) => {
    const value = values[name];
    return typeof value === "number" ? numbers.format(value) : (value ?? whole);
  });
}

/**
 * A sentence of the server, such as an error's message, in the page's language.
 * @param {string} sentence
 */
export function serverSentence(sentence) {
  const found = catalogue?.texts[sentence];
  if (typeof found === "string") return found;
  for (const [pattern, text] of catalogue?.sentences ?? []) {
    const groups = new RegExp(`^${pattern}$`, "u").exec(sentence)?.groups;
    if (groups) return filled(text, translatedWords(groups));
  }
  return sentence;
}

/** @param {Record<string, string>} groups */
function translatedWords(groups) {
  const { words = [] } = catalogue ?? {};
  return Object.fromEntries(
    Object.entries(groups).map(([name, value]) => [name, words.includes(value) ? t(value) : value]),
  );
}
