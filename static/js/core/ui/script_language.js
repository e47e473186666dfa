/**
 * Japanese, Korean and Chinese share characters that each writes in its own shape. A browser picks the font by the
 * `lang` of the text, so a text that can only be one of them says so. Han characters alone may be any of the
 * three: there the reader's browser knows best.
 */

const KANA_OR_HANGUL = /[\p{Script=Hiragana}\p{Script=Katakana}]|(\p{Script=Hangul})/u;

/** @param {string} text @returns {"ja" | "ko" | null} null: not told by its characters */
export function languageOf(text) {
  const found = KANA_OR_HANGUL.exec(text);
  if (!found) return null;
  return found[1] ? "ko" : "ja";
}

/** @param {HTMLElement} element @param {string} text that people wrote in it */
export function markLanguage(element, text) {
  const language = languageOf(text);
  if (language) element.lang = language;
  else element.removeAttribute("lang");
}
