/**
 * The one place where a string becomes markup: HTML that the server rendered and sanitised.
 * The page's content policy allows no other way in.
 */

import { trustedHtml } from "./trusted.js";

/**
 * Show the server's HTML of a message inside `element`.
 * @param {Element} element
 * @param {string} html the `html` of a message, never its `text`
 */
export function put(element, html) {
  element.innerHTML = trustedHtml(html);
}
