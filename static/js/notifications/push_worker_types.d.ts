/** What TypeScript's library for pages does not know: the insides of a service worker. */

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

/** What the server pushes. */
export interface Message {
  id: string;
  title: string;
  body: string;
  link: string;
  /** Of several with the same one the latest is shown. */
  tag: string;
}

/** What is kept with a notification that is shown. A page's own has `id` only. */
export interface Kept {
  id?: string;
  /** All that it stands for, the latest last. */
  ids?: string[];
  link?: string;
}
