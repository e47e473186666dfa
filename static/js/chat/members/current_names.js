/** Puts people's current names into older messages. Pure. */

/** @import { Message } from "../types.d.ts" */

/** @typedef {Map<string, string>} Names by id */

const MENTION = /(<span class="mention" data-user="([^"@]*)">@)[^<]*(?=<\/span>)/g;
/** @type {Record<string, string>} */
const ESCAPED = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };

/**
 * A copy of the message with these names for its author and in its mentions; the message itself where
 * nothing changes.
 * @param {Message} message @param {Names} names
 * @returns {Message}
 */
export function withNames(message, names) {
  const { by, html } = message;
  const name = names.get(by?.id) ?? by?.name;
  const shown = html?.includes('data-user="') ? html.replace(MENTION, renamedIn(names)) : html;
  if (name === by?.name && shown === html) return message;
  return { ...message, by: { ...by, name }, html: shown };
}

/** @param {Names} names */
function renamedIn(names) {
  return (/** @type {string} */ all, /** @type {string} */ opening, /** @type {string} */ id) => {
    const name = names.get(id);
    return name === undefined ? all : opening + escaped(name);
  };
}

/** As the server escapes text. @param {string} text */
function escaped(text) {
  return text.replace(/[&<>]/g, (mark) => ESCAPED[mark] ?? mark);
}
