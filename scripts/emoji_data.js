// Writes static/vendor/emoji/<language>.json from the package emoji-picker-element-data: what the
// composer completes and the picker shows, in a quarter of the size.
//
// Each row: [emoji, group, name, "shortcode shortcode", "word word", Unicode's version of emoji, [its five
// skin tones]].
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";

const LANGUAGES = ["en", "de"];
const SOURCE = new URL("../node_modules/emoji-picker-element-data/", import.meta.url);
const TARGET = new URL("../static/vendor/emoji/", import.meta.url);
// Hair and skin by themselves.
const COMPONENTS = 2;

/**
 * The emoji as Unicode spells it in full: a selector of its picture stands only where it is needed.
 * @param {string} symbol
 */
function whole(symbol) {
  return symbol.replace(/(\p{Emoji_Presentation})\ufe0f/gu, "$1");
}

/** @param {string} path @returns {any[]} */
function rows(path) {
  return JSON.parse(readFileSync(new URL(path, SOURCE), "utf8"));
}

/** @param {any} one @param {any} named @returns {unknown[]} */
function row(one, named) {
  const skins = (one.skins ?? []).filter((/** @type {any} */ { tone }) => Number.isInteger(tone));
  const words = [...new Set([...named.tags, ...one.tags])].join(" ");
  const tones = skins.map((/** @type {any} */ { emoji }) => whole(emoji));
  const all = [whole(one.emoji), one.group, named.annotation, (one.shortcodes ?? []).join(" "), words, one.version];
  return tones.length === 5 ? [...all, tones] : all;
}

mkdirSync(TARGET, { recursive: true });
const english = rows("en/github/data.json")
  .filter(({ group }) => group !== COMPONENTS)
  .sort((a, b) => a.order - b.order);
for (const language of LANGUAGES) {
  const named = new Map(rows(`${language}/cldr/data.json`).map((one) => [one.emoji, one]));
  const lines = english.map((one) => JSON.stringify(row(one, named.get(one.emoji) ?? one)));
  writeFileSync(new URL(`${language}.json`, TARGET), `[${lines.join(",\n")}]\n`);
}
