/**
 * The part of the service worker that answers while the server can't be reached: with the shell of the
 * chat page, which shows what this browser has kept of rooms (`core/offline_copies.js`). The server puts
 * it behind the push worker in one file, with its version and the person's language before it: with
 * another one it is another worker, which keeps the shell anew.
 *
 * Nothing of a person is in the cache: the shell is the same for all.
 */

/** @import { FetchEvent, OfflineScope } from "./offline_worker_types.d.ts" */

{
  const worker = /** @type {OfflineScope} */ (/** @type {unknown} */ (self));

  const SHELL = "/offline";
  const SHELLS = "parley-shell-";
  const { version, language } = worker.parleyRelease ?? { version: "", language: "" };
  const CACHE = SHELLS + version;
  const COPIES = "parley-copies";
  const ROOM = /^\/(?:$|rooms\/)/u;
  const STATIC = /(?:src|href)="(\/static\/[^"]+)"/gu;
  /** A proxy in front says that the server is away. */
  const AWAY = new Set([502, 503, 504]);

  worker.addEventListener("install", (event) => event.waitUntil(keepShell()));
  worker.addEventListener("activate", (event) =>
    event.waitUntil(Promise.all([dropOld(), worker.registration.navigationPreload?.enable()])),
  );
  worker.addEventListener("fetch", (event) => {
    const { request } = event;
    const { origin, pathname } = new URL(request.url);
    if (origin !== worker.location.origin) return;
    if (request.mode === "navigate") event.respondWith(page(event, pathname));
    else if (pathname.startsWith("/static/")) event.respondWith(file(request));
  });

  /** The shell and the files that it names; without a network the worker is installed later. */
  async function keepShell() {
    const address = `${SHELL}?language=${language}`;
    const shell = await fetch(address, { cache: "no-store", credentials: "omit" });
    if (!shell.ok) return;
    const text = await shell.clone().text();
    const files = [...text.matchAll(STATIC)].map(([, address = ""]) =>
      address.replaceAll("&amp;", "&"),
    );
    const cache = await caches.open(CACHE);
    await cache.addAll([...new Set(files)]);
    await cache.put(SHELL, shell);
  }

  /** Pages of the release before may still be open, and open a part of theirs: its files stay. */
  async function dropOld() {
    const names = (await caches.keys()).filter((name) => name.startsWith(SHELLS) && name !== CACHE);
    await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)));
  }

  /** @param {FetchEvent} event @param {string} path @returns {Promise<Response>} */
  async function page({ request, preloadResponse }, path) {
    // Without waiting for the answer: here the person is signed out.
    if (path === "/logout") forgetCopies();
    try {
      const response = (await preloadResponse) ?? (await fetch(request));
      // Signed in, one is led on from there.
      if (path === "/login" && response.ok) forgetCopies();
      if (!AWAY.has(response.status)) return response;
      return (await shell(request, path)) ?? response;
    } catch (error) {
      const kept = await shell(request, path);
      if (kept) return kept;
      throw error;
    }
  }

  /** @param {Request} request @param {string} path */
  async function shell(request, path) {
    if (request.method !== "GET" || !ROOM.test(path)) return undefined;
    return (await caches.open(CACHE)).match(SHELL);
  }

  /** The name of a file tells its content, so that it may be of any release. @param {Request} request */
  async function file(request) {
    return (await caches.match(request)) ?? fetch(request);
  }

  function forgetCopies() {
    indexedDB.deleteDatabase(COPIES);
  }
}
