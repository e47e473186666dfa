/**
 * The Web Push subscription of this browser, for notifications while no page is open. It is off until
 * the person turns it on; the browser's permission is requested only in a click.
 *
 * A subscription belongs to a session: the server deletes it with the session, and `resume` subscribes
 * again for a person who had turned it on in this browser.
 */

import { RequestError } from "../core/errors.js";
import { t } from "../core/i18n.js";
import { trustedWorker } from "../core/trusted_types.js";

/**
 * - `impossible`: not in this browser, or not at this address (it needs https, or this very machine)
 * - `denied`: the person has blocked notifications in the browser's own settings
 * @typedef {"impossible" | "denied" | "off" | "on"} PushState
 */

/**
 * @typedef {object} Browser What is used of the browser.
 * @property {boolean} isSecureContext
 * @property {ServiceWorkerContainer} [serviceWorker]
 * @property {unknown} [PushManager]
 * @property {Pick<typeof Notification, "permission" | "requestPermission">} [Notification]
 */

const API = "/api/push";
const UNREACHABLE = t(
  "The service that wakes this browser can’t be reached. Please try again later, or with another browser.",
);

/** @returns {Browser} */
function here() {
  return {
    isSecureContext,
    serviceWorker: navigator.serviceWorker,
    PushManager: globalThis.PushManager,
    Notification: globalThis.Notification,
  };
}

export class WebPush {
  /**
   * @param {object} parts
   * @param {string} parts.account a user id
   * @param {Browser} [parts.browser]
   * @param {Pick<Storage, "getItem" | "setItem" | "removeItem">} [parts.storage]
   * @param {typeof fetch} [parts.request]
   */
  constructor({ account, browser = here(), storage = localStorage, request = fetch }) {
    this.#wanted = `parley.push.${account}`;
    this.#browser = browser;
    this.#storage = storage;
    this.#request = request;
  }

  #wanted;
  #browser;
  #storage;
  #request;

  get #isPossible() {
    const { isSecureContext, serviceWorker, PushManager, Notification } = this.#browser;
    return Boolean(isSecureContext && serviceWorker && PushManager && Notification);
  }

  /** @returns {Promise<PushState>} rejects with a RequestError */
  async state() {
    if (!this.#isPossible) return "impossible";
    if (this.#browser.Notification?.permission === "denied") return "denied";
    const subscription = await this.#subscription();
    return subscription && (await this.#isKnown(subscription)) ? "on" : "off";
  }

  /**
   * Request the permission if needed, and subscribe. Call it in a click handler.
   * @returns {Promise<PushState>} `on`, or what stands in the way; rejects with a RequestError
   */
  async turnOn() {
    if (!this.#isPossible) return "impossible";
    // Before anything else is awaited: browsers allow the question only out of a click.
    const permission = await this.#browser.Notification?.requestPermission();
    if (permission !== "granted") return permission === "denied" ? "denied" : "off";
    await this.#subscribe();
    this.#storage.setItem(this.#wanted, "on");
    return "on";
  }

  /** @returns {Promise<PushState>} rejects with a RequestError where the server was not told */
  async turnOff() {
    this.#storage.removeItem(this.#wanted);
    const subscription = await this.#subscription();
    if (subscription) {
      const { endpoint } = subscription;
      await subscription.unsubscribe();
      await this.#call("DELETE", "subscriptions", { endpoint });
    }
    return this.state();
  }

  /**
   * Subscribe again if this person had turned it on here before. Requests no permission.
   * @returns {Promise<void>} rejects with a RequestError
   */
  async resume() {
    const isWanted = this.#isPossible && this.#storage.getItem(this.#wanted) === "on";
    if (!isWanted || this.#browser.Notification?.permission !== "granted") return;
    if ((await this.state()) !== "on") await this.#subscribe();
  }

  async #subscribe() {
    const { key } = await this.#call("GET", "key");
    const subscription = await this.#subscribed(bytes(key));
    await this.#call("POST", "subscriptions", subscription.toJSON());
  }

  /** @param {Uint8Array<ArrayBuffer>} key @returns {Promise<PushSubscription>} */
  async #subscribed(key) {
    const { pushManager } = await this.#worker();
    const present = await pushManager.getSubscription();
    if (present && isSame(present.options.applicationServerKey, key)) return present;
    // A subscription for another server key has to be removed first.
    await present?.unsubscribe();
    try {
      return await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
    } catch {
      throw new RequestError("unavailable", UNREACHABLE);
    }
  }

  async #worker() {
    const { serviceWorker } = this.#browser;
    if (!serviceWorker) throw new RequestError("unavailable", UNREACHABLE);
    await serviceWorker.register(trustedWorker(), { scope: "/", updateViaCache: "none" });
    return serviceWorker.ready;
  }

  async #subscription() {
    const registration = await this.#browser.serviceWorker?.getRegistration("/");
    return registration?.pushManager.getSubscription();
  }

  /** Whether the server has it for this person. @param {PushSubscription} subscription */
  async #isKnown({ endpoint }) {
    const { items } = await this.#call("GET", "subscriptions");
    return items.some((/** @type {{ endpoint: string }} */ each) => each.endpoint === endpoint);
  }

  /** @param {string} method @param {string} path @param {unknown} [body] @returns {Promise<any>} */
  async #call(method, path, body) {
    const request = this.#request;
    const sent = body === undefined ? {} : json(body);
    const answer = await request(`${API}/${path}`, { method, ...sent }).catch(() => null);
    if (!answer) throw RequestError.disconnected();
    const content = await answer.json().catch(() => ({}));
    if (answer.ok) return content;
    throw content.error ? RequestError.from(content.error) : RequestError.timeout();
  }
}

/** @param {unknown} body */
function json(body) {
  return { headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/** @param {string} base64url */
function bytes(base64url) {
  const text = atob(base64url.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** @param {ArrayBuffer | null} held @param {Uint8Array} key */
function isSame(held, key) {
  if (!held) return false;
  const mine = new Uint8Array(held);
  return mine.length === key.length && mine.every((byte, at) => byte === key[at]);
}
