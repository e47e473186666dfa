/**
 * The service worker for Web Push: shows pushed notifications, opens their place on a click, and closes
 * them once they were read elsewhere. One file without imports, served as /push-worker.js.
 */

/** @import { ClickEvent, Kept, Message, PushEvent, RenewalEvent, Tab, WorkerScope } from "./push_worker_types.d.ts" */

{
  const worker = /** @type {WorkerScope} */ (/** @type {unknown} */ (self));

  const PAGE = "/notifications";
  const SUBSCRIPTIONS = "/api/push/subscriptions";
  const KEPT = 50;
  // Apple's service withdraws the permission of a worker that shows nothing when it is woken.
  const INSISTS = "push.apple.com";

  /** The server puts these few texts before the script, in the browser's language. @param {string} text */
  const t = (text) => worker.parleyTexts?.texts[text] ?? text;

  /** Shown for an unreadable payload: a woken worker has to show something. @type {Message} */
  const UNKNOWN = {
    id: "",
    title: "Parley",
    body: t("There is something new."),
    link: PAGE,
    tag: "parley",
  };

  worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
  worker.addEventListener("activate", (event) =>
    event.waitUntil(Promise.all([worker.clients.claim(), tidy()])),
  );
  worker.addEventListener("push", (event) => event.waitUntil(arrived(event)));
  worker.addEventListener("notificationclick", (event) => event.waitUntil(clicked(event)));
  worker.addEventListener("pushsubscriptionchange", (event) => event.waitUntil(renewed(event)));

  /** @param {PushEvent} event */
  async function arrived(event) {
    const message = read(event);
    if (!(await isSeen())) await show(message);
    await tidy();
  }

  /** @param {PushEvent} event @returns {Message} */
  function read(event) {
    try {
      const message = { ...UNKNOWN, .../** @type {Partial<Message>} */ (event.data?.json()) };
      return { ...message, title: translated(message.title) };
    } catch {
      return UNKNOWN;
    }
  }

  /** A title of chat, which the server sends in English. @param {string} title */
  function translated(title) {
    for (const [pattern, text] of worker.parleyTexts?.titles ?? []) {
      const values = new RegExp(`^${pattern}$`, "u").exec(title)?.groups;
      if (values) return text.replace(/\{(\w+)\}/gu, (all, name) => values[name] ?? all);
    }
    return title;
  }

  /** Whether a focused page of Parley will alert the person itself. */
  async function isSeen() {
    if (!(await tabs()).some((tab) => tab.focused)) return false;
    const subscription = await worker.registration.pushManager.getSubscription();
    return !subscription?.endpoint.includes(INSISTS);
  }

  /** @param {Message} message */
  async function show({ id, title, body, link, tag }) {
    const shown = await worker.registration.getNotifications();
    const same = id && shown.find((each) => idsOf(each).includes(id));
    if (same) return again(same);
    const before = shown.find((each) => each.tag === tag);
    const ids = [...(before ? idsOf(before) : []), id].filter(Boolean).slice(-KEPT);
    const more = ids.length > 1 ? ` (+${ids.length - 1})` : "";
    return worker.registration.showNotification(
      title + more,
      options({ body, tag, renotify: true, data: { id, ids, link } }),
    );
  }

  /** Show it again without a sound: an open page has shown it already. @param {Notification} shown */
  function again({ title, body, tag, data }) {
    return worker.registration.showNotification(title, { body, tag, data, silent: true });
  }

  /** TypeScript does not know of `renotify`. @param {NotificationOptions & { renotify: boolean }} all */
  function options(all) {
    return /** @type {NotificationOptions} */ (all);
  }

  /** @param {Notification} shown @returns {string[]} */
  function idsOf({ data }) {
    const { id, ids } = /** @type {Kept} */ (data ?? {});
    return ids ?? (id ? [id] : []);
  }

  /**
   * Close what was read elsewhere, and everything once the person has signed out.
   *
   * Runs whenever the worker is awake for another reason: browsers penalise a push that shows nothing.
   */
  async function tidy() {
    const shown = await worker.registration.getNotifications();
    if (shown.length === 0) return;
    const isUnread = await loadUnread();
    for (const each of shown) {
      const ids = idsOf(each);
      if (ids.length > 0 && !ids.some(isUnread)) each.close();
    }
  }

  /** @returns {Promise<(id: string) => boolean>} whether a notification is unread; true where that is unknown */
  async function loadUnread() {
    const answer = await fetch("/api/notifications?unread=1&limit=200").catch(() => null);
    if (answer?.status === 401) return () => false;
    if (!answer?.ok) return () => true;
    const { items, more } = await answer.json();
    const unread = new Set(items.map((/** @type {{ id: string }} */ each) => each.id));
    return (id) => more || unread.has(id);
  }

  /** @param {ClickEvent} event */
  async function clicked({ notification }) {
    notification.close();
    const ids = idsOf(notification);
    const last = ids.at(-1);
    // This address leads to its place and marks it as read.
    await goTo(last ? `${PAGE}/${encodeURIComponent(last)}` : PAGE);
    await Promise.allSettled(ids.slice(0, -1).map(markRead));
  }

  /** @param {string} id */
  function markRead(id) {
    return fetch(`/api/notifications/${encodeURIComponent(id)}/read`, { method: "POST" });
  }

  /** In a tab that is there, if there is one. @param {string} address */
  async function goTo(address) {
    const [tab] = (await tabs()).sort((a, b) => rank(b) - rank(a));
    if (!tab) return worker.clients.openWindow(address);
    try {
      // Focus first: browsers allow it only shortly after the click. A refusal is ignored.
      await tab.focus().catch(() => {});
      return await tab.navigate(address);
    } catch {
      // A tab that this worker does not control cannot be navigated.
      return worker.clients.openWindow(address);
    }
  }

  /** @param {Tab} tab */
  function rank({ focused, visibilityState }) {
    return Number(focused) * 2 + Number(visibilityState === "visible");
  }

  function tabs() {
    return worker.clients.matchAll({ type: "window", includeUncontrolled: true });
  }

  /** The browser's push service gave it a new address. @param {RenewalEvent} event */
  async function renewed({ oldSubscription, newSubscription }) {
    const { pushManager } = worker.registration;
    const renewed =
      newSubscription ??
      (oldSubscription && (await pushManager.subscribe(oldSubscription.options)));
    if (renewed) await tell("POST", renewed.toJSON());
    if (oldSubscription) await tell("DELETE", { endpoint: oldSubscription.endpoint });
  }

  /** @param {string} method @param {object} body */
  function tell(method, body) {
    return fetch(SUBSCRIPTIONS, {
      method,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  }
}
