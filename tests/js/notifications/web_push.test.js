/** Turning push on and off in a browser, and what it says about itself. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WebPush } from "../../../static/js/notifications/web_push.js";
import { ana, ben } from "../fakes.js";

const KEY = "BAAA";
const OTHER_KEY = "BBBB";

/** One browser with the server that it talks to. */
class World {
  /** @type {NotificationPermission} */
  permission = "default";
  /** The person's answer to the permission prompt. @type {NotificationPermission} */
  answer = "granted";
  /** @type {any} */
  subscription = null;
  isReachable = true;
  /** The endpoints that the server has stored, by user id. @type {Map<string, Set<string>>} */
  known = new Map();
  /** A user id. @type {string} */
  signedIn = ana.id;
  isOnline = true;
  key = KEY;
  questions = 0;
  /** @type {Map<string, string>} */
  kept = new Map();
  #made = 0;

  /** @param {string} [account] @param {object} [missing] */
  push(account = this.signedIn, missing = {}) {
    const registration = {
      pushManager: {
        getSubscription: async () => this.subscription,
        subscribe: async (/** @type {any} */ how) => this.#subscribe(how),
      },
    };
    const browser = {
      isSecureContext: true,
      PushManager: class {},
      Notification: this.#notification(),
      serviceWorker: {
        register: async () => registration,
        ready: Promise.resolve(registration),
        getRegistration: async () => registration,
      },
      ...missing,
    };
    const storage = {
      getItem: (/** @type {string} */ name) => this.kept.get(name) ?? null,
      setItem: (/** @type {string} */ name, /** @type {string} */ value) =>
        void this.kept.set(name, value),
      removeItem: (/** @type {string} */ name) => void this.kept.delete(name),
    };
    const request = /** @type {any} */ (this.#request);
    return new WebPush({ account, browser: /** @type {any} */ (browser), storage, request });
  }

  #notification() {
    const world = this;
    return {
      get permission() {
        return world.permission;
      },
      requestPermission: async () => {
        if (world.permission === "default") {
          world.questions += 1;
          world.permission = world.answer;
        }
        return world.permission;
      },
    };
  }

  /** @param {any} how */
  #subscribe({ applicationServerKey, userVisibleOnly }) {
    if (!this.isReachable) throw new DOMException("push service error", "AbortError");
    assert.equal(userVisibleOnly, true);
    this.#made += 1;
    const endpoint = `https://push.example/${this.#made}`;
    this.subscription = {
      endpoint,
      options: { applicationServerKey: applicationServerKey.buffer },
      toJSON: () => ({ endpoint, keys: { p256dh: "p", auth: "a" } }),
      unsubscribe: async () => {
        this.subscription = null;
        return true;
      },
    };
    return this.subscription;
  }

  /** @param {string} path @param {any} how */
  #request = async (path, { method, body }) => {
    if (!this.isOnline) throw new TypeError("no network");
    const mine = this.known.get(this.signedIn) ?? new Set();
    this.known.set(this.signedIn, mine);
    const { endpoint = "" } = body ? JSON.parse(body) : {};
    if (method === "POST") mine.add(endpoint);
    if (method === "DELETE") mine.delete(endpoint);
    const content = path.endsWith("/key")
      ? { key: this.key }
      : { items: [...mine].map((each) => ({ endpoint: each })) };
    return { ok: true, json: async () => content };
  };

  /** The server forgets what belonged to the session. @param {string} user */
  signsIn(user) {
    this.known.delete(this.signedIn);
    this.signedIn = user;
  }
}

test("it is off until the person turns it on, and then known to the server", async () => {
  const world = new World();
  assert.equal(await world.push().state(), "off");
  assert.equal(world.questions, 0);
  assert.equal(await world.push().turnOn(), "on");
  assert.equal(await world.push().state(), "on");
  assert.deepEqual([...(world.known.get(ana.id) ?? [])], ["https://push.example/1"]);
});

test("a no is taken as one", async () => {
  const world = new World();
  world.answer = "denied";
  assert.equal(await world.push().turnOn(), "denied");
  assert.equal(await world.push().state(), "denied");
  assert.equal(world.subscription, null);
});

test("a question that was put aside leaves it off", async () => {
  const world = new World();
  world.answer = "default";
  assert.equal(await world.push().turnOn(), "off");
});

for (const missing of [
  { isSecureContext: false },
  { serviceWorker: undefined },
  { PushManager: undefined },
  { Notification: undefined },
]) {
  test(`it is impossible with ${JSON.stringify(Object.keys(missing))} missing`, async () => {
    const push = new World().push(ana.id, missing);
    assert.equal(await push.state(), "impossible");
    assert.equal(await push.turnOn(), "impossible");
    await push.resume();
  });
}

test("turning it off tells the server", async () => {
  const world = new World();
  await world.push().turnOn();
  assert.equal(await world.push().turnOff(), "off");
  assert.deepEqual([...(world.known.get(ana.id) ?? [])], []);
  await world.push().resume();
  assert.equal(await world.push().state(), "off");
});

test("an unreachable push service is a sentence for a person", async () => {
  const world = new World();
  world.isReachable = false;
  await assert.rejects(world.push().turnOn(), /can’t be reached/);
  assert.equal(await world.push().state(), "off");
});

test("it goes on by itself for the person who signs in again", async () => {
  const world = new World();
  await world.push().turnOn();
  world.signsIn(ana.id);
  assert.equal(await world.push().state(), "off");
  await world.push().resume();
  assert.equal(await world.push().state(), "on");
  assert.equal(world.questions, 1);
});

test("it is not on for somebody else who signs in with this browser", async () => {
  const world = new World();
  await world.push().turnOn();
  world.signsIn(ben.id);
  await world.push().resume();
  assert.equal(await world.push().state(), "off");
});

test("a subscription for another server's key is made anew", async () => {
  const world = new World();
  await world.push().turnOn();
  world.key = OTHER_KEY;
  await world.push().turnOn();
  assert.equal(world.subscription.endpoint, "https://push.example/2");
});

test("without a network it says so", async () => {
  const world = new World();
  world.permission = "granted";
  world.isOnline = false;
  await assert.rejects(world.push().turnOn(), { code: "disconnected" });
});
