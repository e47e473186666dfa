/** Which messages are so long that they are shown folded. No DOM. */

const LINES = 30;
const CODE_LINES = 20;
const CHARACTERS = 4_000;
const FENCE = /^ {0,3}(?:`{3,}|~{3,})/u;

/** Empty lines between paragraphs are none. @param {string} text as it was typed */
export function lineCount(text) {
  return text.split("\n").filter((line) => line.trim()).length;
}

/** @param {string} text as it was typed */
export function isLong(text) {
  if (text.length > CHARACTERS) return true;
  const lines = text.trimEnd().split("\n");
  return lines.length > LINES || (lines.length > CODE_LINES && longestCode(lines) > CODE_LINES);
}

/** The number of lines in the longest fenced block of code. @param {string[]} lines */
function longestCode(lines) {
  let longest = 0;
  let start = -1;
  for (const [at, line] of lines.entries()) {
    if (!FENCE.test(line)) continue;
    if (start >= 0) longest = Math.max(longest, at - start - 1);
    start = start >= 0 ? -1 : at;
  }
  return start < 0 ? longest : Math.max(longest, lines.length - start - 1);
}
