/**
 * Parts of a page that are fetched when they are first needed. After an upgrade of the server such a part of
 * the page before may be gone; the page is then loaded anew, once. Nothing is lost by that: what
 * somebody has written is kept as a draft or in the outbox.
 */

const KEY = "parley.renewed";
const ONCE_IN_MS = 60_000;

/**
 * @typedef {object} Page The page as it is needed here; tests have their own.
 * @property {() => Promise<boolean>} isOutdated whether the server no longer has the page's own script
 * @property {() => void} reload
 * @property {Pick<Storage, "getItem" | "setItem">} store
 * @property {() => number} now
 */

/** @type {Page} */
const HERE = {
  isOutdated,
  reload: () => location.reload(),
  get store() {
    return sessionStorage;
  },
  now: Date.now,
};

/**
 * The part, or a page that is loaded anew where the server has another release by now.
 * @template T
 * @param {() => Promise<T>} load imports it
 * @param {Page} [page]
 * @returns {Promise<T>} rejects where it can't be fetched now, as without a network
 */
export async function lazyPart(load, page = HERE) {
  try {
    return await load();
  } catch (error) {
    const before = Number(page.store.getItem(KEY));
    if (page.now() - before < ONCE_IN_MS || !(await page.isOutdated())) throw error;
    page.store.setItem(KEY, String(page.now()));
    page.reload();
    // The page is going.
    return new Promise(() => {});
  }
}

async function isOutdated() {
  const script = document.querySelector('script[type="module"][src]');
  if (!(script instanceof HTMLScriptElement)) return false;
  try {
    return (await fetch(script.src, { method: "HEAD", cache: "no-store" })).status === 404;
  } catch {
    return false;
  }
}
