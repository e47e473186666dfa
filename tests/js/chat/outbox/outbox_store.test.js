import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { openOutboxStore } from "../../../../static/js/chat/outbox/outbox_store.js";
import { ana, ben } from "../../fakes.js";

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

/** @param {string} client_id @param {string} account */
const entry = (client_id, account = ana.id) => ({
  client_id,
  account,
  room: "r-1",
  text: "hi",
  at: "2026-01-01T00:00:00.000Z",
  state: /** @type {const} */ ("queued"),
});

test("entries are kept in the order of writing, each account's apart", async () => {
  const tab = openOutboxStore();
  await tab.add(entry("one"));
  await tab.add(entry("other", ben.id));
  await openOutboxStore().add(entry("two"));
  const held = await openOutboxStore().all(ana.id);
  assert.deepEqual(
    held.map(({ client_id }) => client_id),
    ["one", "two"],
  );
});

test("an entry is brought up to date and removed; one that is gone stays gone", async () => {
  const store = openOutboxStore();
  const n = await store.add(entry("one"));
  await store.put({ ...entry("one"), n, state: "failed", error: "No." });
  assert.equal((await store.all(ana.id))[0]?.error, "No.");
  await store.remove(n);
  await store.put({ ...entry("one"), n });
  assert.deepEqual(await store.all(ana.id), []);
});

test("without storage messages live as long as the tab", async () => {
  // @ts-expect-error a browser that forbids it
  globalThis.indexedDB = undefined;
  const store = openOutboxStore();
  await store.add(entry("one"));
  assert.equal((await store.all(ana.id)).length, 1);
});
