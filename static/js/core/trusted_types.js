/**
 * The page's only Trusted Types policy. It lets two kinds of strings into the page: HTML that the server
 * sanitised, and the address of the service worker.
 */
import { openLinksBeside } from "./links.js";

/** Served from the root, so that its scope covers every page. */
const WORKER = "/push-worker.js";

const policy = globalThis.trustedTypes?.createPolicy("parley", {
  createHTML: (html) => html,
  createScriptURL: (address) => {
    if (address !== WORKER) throw new TypeError(`No worker lives at ${address}.`);
    return address;
  },
});

// The browser's sinks take trusted values and strings; TypeScript declares strings only.

/**
 * Show the server's HTML of a message inside `element`: the one place where a string becomes markup.
 * @param {Element} element
 * @param {string} html the `html` of a message, never its `text`
 */
export function setServerHtml(element, html) {
  element.innerHTML = /** @type {string} */ (policy ? policy.createHTML(html) : html);
  openLinksBeside(element);
}

/** @returns {string} the address of the worker */
export function trustedWorker() {
  return /** @type {string} */ (policy ? policy.createScriptURL(WORKER) : WORKER);
}
