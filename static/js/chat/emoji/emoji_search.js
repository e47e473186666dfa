/** Finds emoji by letters, and shortcodes in a text that is being written. No DOM. */

/** @import { Emoji } from "./emoji_data.js" */

const WORD = "\\p{L}\\p{M}\\p{N}";
/** Two letters at least: `:)` and `:D` are signs of their own. */
const BEGUN = new RegExp(`(?<![${WORD}:\\\\]):([${WORD}_+-]{2,40})$`, "u");
const CLOSED = new RegExp(`(?<![${WORD}\\\\]):([a-z0-9_+-]{1,64}):$`, "u");
const FENCE = /^[ >]*(?:```|~~~)/gmu;

/**
 * The shortcode that is being written before the caret.
 * @param {string} text @param {number} caret
 * @returns {{ start: number, letters: string } | null} `start`: where its colon stands
 */
export function shortcodeAt(text, caret) {
  const before = text.slice(0, caret);
  const letters = BEGUN.exec(before.slice(-64))?.[1];
  if (letters === undefined || isInCode(before)) return null;
  return { start: caret - letters.length - 1, letters };
}

/**
 * The shortcode that has just been closed before the caret.
 * @param {string} text @param {number} caret
 * @returns {{ start: number, code: string } | null}
 */
export function closedCodeAt(text, caret) {
  const before = text.slice(0, caret);
  const code = CLOSED.exec(before.slice(-80))?.[1];
  if (code === undefined || isInCode(before)) return null;
  return { start: caret - code.length - 2, code };
}

/** Whether the text before the caret ends within code. @param {string} before */
function isInCode(before) {
  if ((before.match(FENCE)?.length ?? 0) % 2) return true;
  const line = before.slice(before.lastIndexOf("\n") + 1);
  return line.split("`").length % 2 === 0;
}

/**
 * The emoji that match, the best first, in the usual order among equals.
 * @param {readonly Emoji[]} all @param {string} letters @param {number} most
 */
export function findEmoji(all, letters, most) {
  const sought = letters.trim().toLocaleLowerCase().replace(/^:|:$/gu, "");
  if (!sought) return [];
  const parts = sought.split(/[\s_-]+/u).filter(Boolean);
  return all
    .map((emoji, at) => ({ emoji, at, score: score(emoji, sought, parts) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || a.at - b.at)
    .slice(0, most)
    .map(({ emoji }) => emoji);
}

/** @param {Emoji} emoji @param {string} sought @param {string[]} parts its words */
function score({ symbol, name, codes, words, tones }, sought, parts) {
  if (symbol === sought || tones.includes(sought) || codes.includes(sought)) return 5;
  if (codes.some((code) => code.startsWith(sought))) return 4;
  const named = name.toLocaleLowerCase();
  if (named.startsWith(sought)) return 3;
  const own = [...named.split(/[\s-]+/u), ...codes.flatMap((code) => code.split(/[_-]/u))];
  const within = (/** @type {string[]} */ among) =>
    parts.length > 0 && parts.every((part) => among.some((word) => word.startsWith(part)));
  if (within(own)) return 2;
  return within([...own, ...words]) ? 1 : 0;
}

/** @param {readonly Emoji[]} all @param {string} code */
export function emojiByCode(all, code) {
  return all.find(({ codes }) => codes.includes(code));
}

/** The emoji as this person shows hands and people. @param {Emoji} emoji @param {number} tone 0: none, 1 to 5 */
export function inTone({ symbol, tones }, tone) {
  return tones[tone - 1] ?? symbol;
}
