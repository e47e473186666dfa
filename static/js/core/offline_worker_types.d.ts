/** Types of the service worker's scope, which TypeScript's library for pages lacks. */

export interface Waiting extends Event {
  /** Keep the worker alive until it is done. */
  waitUntil(work: Promise<unknown>): void;
}

export interface FetchEvent extends Event {
  request: Request;
  /** What the browser has asked for while the worker started; undefined where it can't. */
  preloadResponse?: Promise<Response | undefined>;
  respondWith(response: Promise<Response>): void;
}

export interface OfflineScope {
  location: Location;
  /** The server puts it before the script. */
  parleyRelease?: { version: string; language: string; server: string };
  registration: ServiceWorkerRegistration;
  addEventListener(type: "install", listener: (event: Waiting) => void): void;
  addEventListener(type: "activate", listener: (event: Waiting) => void): void;
  addEventListener(type: "fetch", listener: (event: FetchEvent) => void): void;
}
