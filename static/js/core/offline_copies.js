/**
 * The copies of rooms that this browser keeps, to be read without a network: one IndexedDB database, which is gone
 * when the person signs out, when the session has ended, and before another person's is kept. The
 * service worker deletes it too, by the same name.
 */
export const COPIES = "parley-copies";

/** Delete everything that is kept. Copies that are open elsewhere are closed by that. @returns {Promise<void>} */
export function forgetCopies() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.deleteDatabase(COPIES);
      request.onsuccess = request.onerror = request.onblocked = () => resolve();
    } catch {
      // This browser keeps nothing.
      resolve();
    }
  });
}

/** Delete the copies before a form of this page signs the person out. */
export function forgetAtSignOut() {
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!(form instanceof HTMLFormElement) || new URL(form.action).pathname !== "/logout") return;
    event.preventDefault();
    await forgetCopies();
    form.submit();
  });
}

/** Have the service worker answer while there is no network. @param {() => string} address */
export function keepShell(address) {
  if (!isSecureContext || !navigator.serviceWorker) return;
  addEventListener("load", () => {
    navigator.serviceWorker
      .register(address(), { scope: "/", updateViaCache: "none" })
      // A browser may forbid it: the page works without.
      .catch(() => {});
  });
}
