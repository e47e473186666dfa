/** The push worker, woken by hand in a browser made of plain objects. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { runInNewContext } from "node:vm";

const SOURCE = readFileSync(
  new URL("../../../static/js/notifications/push_worker.js", import.meta.url),
  "utf8",
);

/** A worker, what it shows, the tabs that are open, and what the server answers. */
class World {
  /** @type {any[]} */
  shown = [];
  /** @type {any[]} */
  tabs = [];
  /** @type {string[]} */
  opened = [];
  /** @type {{ method: string, path: string, body: any }[]} */
  asked = [];
  /** The ids of what is unread; null: nobody is signed in. @type {string[] | null} */
  unread = [];
  isOnline = true;
  endpoint = "https://push.example/1";
  /** @type {Map<string, (event: any) => void>} */
  #listeners = new Map();

  constructor() {
    const self = {
      addEventListener: (/** @type {string} */ type, /** @type {any} */ listener) =>
        this.#listeners.set(type, listener),
      skipWaiting: async () => {},
      clients: {
        claim: async () => {},
        matchAll: async () => [...this.tabs],
        openWindow: async (/** @type {string} */ address) => this.opened.push(address),
      },
      registration: {
        getNotifications: async () => [...this.shown],
        showNotification: async (/** @type {string} */ title, /** @type {any} */ how) =>
          this.#show(title, how),
        pushManager: {
          getSubscription: async () => ({ endpoint: this.endpoint }),
          subscribe: async () => subscription("https://push.example/renewed"),
        },
      },
    };
    runInNewContext(SOURCE, { self, fetch: this.#fetch, Set, JSON, Promise });
  }

  /** @param {string} title @param {any} how */
  #show(title, how) {
    this.shown = this.shown.filter(({ tag }) => tag !== how.tag);
    const close = () => {
      this.shown = this.shown.filter((each) => each.close !== close);
    };
    this.shown.push({ title, ...how, close });
  }

  /** @param {string} path @param {any} [how] */
  #fetch = async (path, { method = "GET", body } = {}) => {
    this.asked.push({ method, path, body: body && JSON.parse(body) });
    if (!this.isOnline) throw new TypeError("no network");
    const items = this.unread?.map((id) => ({ id }));
    const json = async () => ({ items, more: false });
    return { ok: this.unread !== null, status: this.unread ? 200 : 401, json };
  };

  /** @param {string} type @param {object} [event] */
  async wakes(type, event = {}) {
    /** @type {Promise<unknown>[]} */
    const work = [];
    this.#listeners.get(type)?.({
      ...event,
      waitUntil: (/** @type {any} */ each) => work.push(each),
    });
    assert.equal(work.length, 1, "the worker is kept alive");
    await Promise.all(work);
  }

  /** @param {string} id @param {object} [more] */
  async isPushed(id, more = {}) {
    this.unread?.push(id);
    const message = { id, title: `t-${id}`, body: "b", link: "/rooms/hall", tag: id, ...more };
    await this.wakes("push", { data: { json: () => message } });
  }

  /** @param {number} at */
  async isClicked(at) {
    await this.wakes("notificationclick", { notification: this.shown[at] });
  }

  get titles() {
    return this.shown.map(({ title }) => title);
  }
}

/** @param {string} endpoint */
function subscription(endpoint) {
  return { endpoint, options: {}, toJSON: () => ({ endpoint }) };
}

/** @param {World} world @param {Partial<{ focused: boolean, stuck: boolean }>} [how] */
function opensATab(world, { focused = false, stuck = false } = {}) {
  const tab = {
    focused,
    visibilityState: focused ? "visible" : "hidden",
    /** @type {string[]} */
    went: [],
    isInFront: false,
    focus: async () => {
      tab.isInFront = true;
    },
    navigate: async (/** @type {string} */ address) => {
      if (stuck) throw new TypeError("not mine");
      tab.went.push(address);
    },
  };
  world.tabs.push(tab);
  return tab;
}

test("what is pushed is shown", async () => {
  const world = new World();
  await world.isPushed("n1");
  assert.equal(world.shown[0].title, "t-n1");
  assert.equal(world.shown[0].body, "b");
  assert.equal(world.shown[0].tag, "n1");
});

test("something is shown also for what can't be read", async () => {
  const world = new World();
  await world.wakes("push", { data: null });
  await world.wakes("push", {
    data: {
      json: () => {
        throw new SyntaxError("not JSON");
      },
    },
  });
  assert.deepEqual(world.titles, ["Parley"]);
});

test("of one group the latest is shown, with how many more there are", async () => {
  const world = new World();
  for (const id of ["n1", "n2", "n3"]) await world.isPushed(id, { tag: "room" });
  assert.deepEqual(world.titles, ["t-n3 (+2)"]);
  assert.equal(world.shown[0].renotify, true);
});

test("what an open page has shown is not told a second time", async () => {
  const world = new World();
  world.shown.push({ title: "by the page", body: "", tag: "n1", data: { id: "n1" } });
  await world.isPushed("n1", { tag: "room" });
  assert.deepEqual(world.titles, ["by the page"]);
  assert.equal(world.shown[0].silent, true);
});

test("nothing is shown to who has Parley before them", async () => {
  const world = new World();
  opensATab(world, { focused: true });
  await world.isPushed("n1");
  assert.deepEqual(world.titles, []);
});

test("a push service that insists on something being shown is obeyed", async () => {
  const world = new World();
  world.endpoint = "https://web.push.apple.com/1";
  opensATab(world, { focused: true });
  await world.isPushed("n1");
  assert.deepEqual(world.titles, ["t-n1"]);
});

test("what was read elsewhere goes away the next time the worker wakes", async () => {
  const world = new World();
  await world.isPushed("n1");
  await world.isPushed("n2");
  world.unread = ["n2"];
  await world.wakes("activate");
  assert.deepEqual(world.titles, ["t-n2"]);
});

test("a group stays while one of it is unread", async () => {
  const world = new World();
  for (const id of ["n1", "n2"]) await world.isPushed(id, { tag: "room" });
  world.unread = ["n1"];
  await world.wakes("activate");
  assert.equal(world.shown.length, 1);
  world.unread = [];
  await world.wakes("activate");
  assert.equal(world.shown.length, 0);
});

test("everything goes away once nobody is signed in", async () => {
  const world = new World();
  await world.isPushed("n1");
  world.unread = null;
  await world.wakes("activate");
  assert.deepEqual(world.titles, []);
});

test("without a network what is shown stays", async () => {
  const world = new World();
  world.isOnline = false;
  await world.isPushed("n1");
  await world.wakes("activate");
  assert.deepEqual(world.titles, ["t-n1"]);
});

test("a click leads to where it belongs, in the tab that was last in front", async () => {
  const world = new World();
  await world.isPushed("n1");
  const hidden = opensATab(world);
  const front = opensATab(world, { focused: true });
  await world.isClicked(0);
  assert.deepEqual([hidden.went, front.went], [[], ["/notifications/n1"]]);
  assert.equal(front.isInFront, true);
  assert.deepEqual(world.titles, []);
  assert.deepEqual(world.opened, []);
});

test("a click opens a window where none is, or none that can be led", async () => {
  const world = new World();
  await world.isPushed("n1");
  await world.isClicked(0);
  await world.isPushed("n2");
  opensATab(world, { stuck: true });
  await world.isClicked(0);
  assert.deepEqual(world.opened, ["/notifications/n1", "/notifications/n2"]);
});

test("a click on a group reads all of it", async () => {
  const world = new World();
  for (const id of ["n1", "n2", "n3"]) await world.isPushed(id, { tag: "room" });
  world.asked = [];
  await world.isClicked(0);
  assert.deepEqual(world.opened, ["/notifications/n3"]);
  assert.deepEqual(
    world.asked.map(({ method, path }) => `${method} ${path}`),
    ["POST /api/notifications/n1/read", "POST /api/notifications/n2/read"],
  );
});

test("a new address is told to the server, the old one taken back", async () => {
  const world = new World();
  await world.wakes("pushsubscriptionchange", {
    oldSubscription: subscription("https://push.example/old"),
    newSubscription: null,
  });
  assert.deepEqual(
    world.asked.map(({ method, body }) => [method, body.endpoint]),
    [
      ["POST", "https://push.example/renewed"],
      ["DELETE", "https://push.example/old"],
    ],
  );
});
