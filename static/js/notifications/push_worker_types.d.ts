/** Types of the service worker's scope, which TypeScript's library for pages lacks. */

export interface Waiting extends Event {
  /** Keep the worker alive until it is done. */
  waitUntil(work: Promise<unknown>): void;
}

export interface PushEvent extends Waiting {
  data: { json(): unknown } | null;
}

export interface ClickEvent extends Waiting {
  notification: Notification;
}

export interface RenewalEvent extends Waiting {
  oldSubscription: PushSubscription | null;
  newSubscription: PushSubscription | null;
}

export interface Tab {
  url: string;
  focused: boolean;
  visibilityState: string;
  focus(): Promise<Tab>;
  navigate(address: string): Promise<Tab | null>;
}

export interface WorkerScope {
  location: Location;
  parleyTexts?: { texts: Record<string, string>; titles: [pattern: string, text: string][] };
  registration: ServiceWorkerRegistration;
  clients: {
    claim(): Promise<void>;
    matchAll(which: { type: "window"; includeUncontrolled: boolean }): Promise<Tab[]>;
    openWindow(address: string): Promise<Tab | null>;
  };
  skipWaiting(): Promise<void>;
  addEventListener(type: "install", listener: (event: Waiting) => void): void;
  addEventListener(type: "activate", listener: (event: Waiting) => void): void;
  addEventListener(type: "push", listener: (event: PushEvent) => void): void;
  addEventListener(type: "notificationclick", listener: (event: ClickEvent) => void): void;
  addEventListener(type: "pushsubscriptionchange", listener: (event: RenewalEvent) => void): void;
}

/** The payload of a push. */
export interface Message {
  id: string;
  title: string;
  body: string;
  link: string;
  /** A newer notification replaces one with the same tag. */
  tag: string;
}

/** Data of a shown notification. One that a page shows has `id` only. */
export interface Kept {
  id?: string;
  /** Ids of all notifications that it stands for, the latest last. */
  ids?: string[];
  link?: string;
}
