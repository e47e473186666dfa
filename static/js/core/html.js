/**
 * The one place where a string becomes markup: HTML that the server rendered and sanitised.
 * The page's content policy allows no other way in.
 */

const policy = globalThis.trustedTypes?.createPolicy("parley", { createHTML: (html) => html });

/**
 * Show the server's HTML of a message inside `element`.
 * @param {Element} element
 * @param {string} html the `html` of a message, never its `text`
 */
export function put(element, html) {
  const trusted = policy ? policy.createHTML(html) : html;
  // The property takes both; TypeScript knows only of strings.
  element.innerHTML = /** @type {string} */ (trusted);
}
