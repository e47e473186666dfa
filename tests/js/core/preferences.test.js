import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { DEFAULTS, Preferences } from "../../../static/js/core/preferences.js";
import { FakeClock, settled } from "../fakes.js";

/** @import { Preferences as Values } from "../../../static/js/core/types.d.ts" */

/** A server that keeps what it is sent, one that refuses, or one that is away. */
class Server {
  /** @type {Partial<Values>[]} */
  asked = [];
  /** @type {Partial<Values>} */
  held = {};
  status = 200;

  save = async (/** @type {Partial<Values>} */ changes) => {
    this.asked.push(changes);
    if (this.status === 0) throw new TypeError("no network");
    if (this.status === 200) this.held = { ...this.held, ...changes };
    const body = JSON.stringify({ ...DEFAULTS, ...this.held });
    return new Response(body, { status: this.status });
  };
}

class Store {
  /** @type {Map<string, string>} */
  items = new Map();
  getItem = (/** @type {string} */ key) => this.items.get(key) ?? null;
  setItem = (/** @type {string} */ key, /** @type {string} */ text) => {
    this.items.set(key, text);
  };
  removeItem = (/** @type {string} */ key) => {
    this.items.delete(key);
  };
}

/** @param {Partial<Values>} [values] */
function open(values = {}, { server = new Server(), store = new Store() } = {}) {
  /** @type {any} */
  const tabs = {
    sent: [],
    postMessage: (/** @type {object} */ changes) => tabs.sent.push(changes),
    onmessage: null,
  };
  const time = new FakeClock();
  const parts = { values, save: server.save, tabs, store, user: "u", clock: time };
  return { preferences: new Preferences(parts), server, store, tabs, time };
}

test("a change holds at once, is told to other tabs, and is saved", async () => {
  const { preferences, server, store, tabs } = open({ density: "compact" });
  /** @type {string[]} */
  const heard = [];
  preferences.on("theme", (theme) => heard.push(theme));
  preferences.set({ theme: "dark" });
  preferences.set({ theme: "dark" });
  assert.equal(preferences.get("theme"), "dark");
  assert.equal(preferences.get("density"), "compact");
  assert.deepEqual([heard, tabs.sent[0]], [["dark"], { theme: "dark" }]);
  await settled();
  assert.deepEqual(server.held, { theme: "dark" });
  assert.equal(store.items.size, 0);
});

test("what another tab or another device changed is followed", async () => {
  const { preferences, server, tabs } = open();
  tabs.onmessage?.({ data: { theme: "light", unknown: 1 } });
  assert.equal(preferences.get("theme"), "light");
  assert.equal(server.asked.length, 0);
  server.held = { clock: "24", theme: "light" };
  preferences.set({ density: "compact" });
  await settled();
  assert.equal(preferences.get("clock"), "24");
});

test("what changes while a change is saved goes out after it, and wins", async () => {
  const { preferences, server } = open();
  preferences.set({ theme: "dark" });
  preferences.set({ theme: "light" });
  preferences.set({ density: "compact" });
  await settled();
  assert.deepEqual(server.asked, [{ theme: "dark" }, { theme: "light", density: "compact" }]);
  assert.equal(preferences.get("theme"), "light");
});

test("without network a change is kept, and saved later, even after a reload", async () => {
  const server = new Server();
  const store = new Store();
  server.status = 0;
  const { preferences, time } = open({}, { server, store });
  preferences.set({ theme: "dark" });
  await settled();
  server.status = 503;
  await time.pass(15_000);
  assert.equal(server.asked.length, 2);
  server.status = 200;
  const { preferences: reloaded } = open({}, { server, store });
  assert.equal(reloaded.get("theme"), "dark");
  await settled();
  assert.deepEqual([server.held, store.items.size], [{ theme: "dark" }, 0]);
});

test("a refused change is not sent again", async () => {
  const { preferences, server, store, time } = open();
  server.status = 400;
  preferences.set({ time_zone: "Mars/Base" });
  await settled();
  await time.pass(60_000);
  assert.deepEqual([server.asked.length, store.items.size], [1, 0]);
});

test("the defaults are those of the server's table", () => {
  const table = readFileSync(
    new URL("../../../app/accounts/preference_table.py", import.meta.url),
    "utf8",
  );
  const struct = table.slice(
    table.indexOf("class PersonalPreferences"),
    table.indexOf("@property"),
  );
  const found = [...struct.matchAll(/^ {4}(\w+): .* = (.+)$/gmu)].map(
    ([, key = "", value = ""]) => [key, value],
  );
  const here = Object.entries(DEFAULTS).map(([key, value]) => [
    key,
    key === "sections" ? "Sections()" : JSON.stringify(value),
  ]);
  assert.deepEqual(found, here);
});

test("what another device changed holds here, but not over what is not saved yet", async () => {
  const { preferences, server } = open();
  server.status = 0;
  await preferences.set({ theme: "dark" });
  /** @type {string[]} */
  const heard = [];
  for (const key of /** @type {const} */ (["theme", "density"]))
    preferences.on(key, (value) => heard.push(value));
  preferences.told({ ...DEFAULTS, theme: "light", density: "compact" });
  assert.deepEqual(heard, ["compact"]);
  assert.equal(preferences.get("theme"), "dark");
});
