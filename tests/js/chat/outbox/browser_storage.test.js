import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { IDBFactory } from "fake-indexeddb";
import { openOutboxStore } from "../../../../static/js/chat/outbox/outbox_store.js";
import { TabLeader } from "../../../../static/js/core/tab_leader.js";
import { ana, ben, settled } from "../../fakes.js";

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

/** Locks of a browser with several tabs: one holder, the others in line, and stealing. */
class FakeLocks {
  /** @type {(() => void) | null} */
  #evict = null;
  /** @type {(() => void)[]} */
  #line = [];

  /** @type {any} */
  request = (
    /** @type {string} */ _,
    /** @type {LockOptions} */ { steal },
    /** @type {() => unknown} */ granted,
  ) =>
    new Promise((_, reject) => {
      const hold = () => {
        // Who lost it may hear of it after the thief: then too all must end well.
        this.#evict = () => setImmediate(() => reject(new DOMException("stolen", "AbortError")));
        queueMicrotask(granted);
      };
      if (steal) {
        this.#evict?.();
        hold();
      } else if (this.#evict) this.#line.push(hold);
      else hold();
    });

  /** The tab that holds it was closed. */
  close() {
    this.#evict = null;
    this.#line.shift()?.();
  }
}

test("one tab leads, the next one when it is closed", async () => {
  const locks = /** @type {FakeLocks & LockManager} */ (/** @type {unknown} */ (new FakeLocks()));
  const [one, two] = [new TabLeader("x", () => {}, locks), new TabLeader("x", () => {}, locks)];
  one.ask();
  two.ask();
  await settled();
  assert.deepEqual([one.leads, two.leads], [true, false]);
  locks.close();
  await settled();
  assert.equal(two.leads, true);
});

test("a tab that writes before it was told that it leads still leads", async () => {
  const locks = /** @type {FakeLocks & LockManager} */ (/** @type {unknown} */ (new FakeLocks()));
  const lead = new TabLeader("x", () => {}, locks);
  lead.ask();
  lead.take();
  await settled();
  await settled();
  assert.equal(lead.leads, true);
});

test("the tab where the person writes takes the lead; the other gets in line again", async () => {
  const locks = /** @type {FakeLocks & LockManager} */ (/** @type {unknown} */ (new FakeLocks()));
  /** @type {string[]} */
  const told = [];
  const one = new TabLeader("x", (leads) => told.push(`one ${leads}`), locks);
  const two = new TabLeader("x", (leads) => told.push(`two ${leads}`), locks);
  one.ask();
  await settled();
  two.take();
  await settled();
  await settled();
  assert.deepEqual([one.leads, two.leads], [false, true]);
  assert.deepEqual(told.toSorted(), ["one false", "one true", "two true"]);
  locks.close();
  await settled();
  assert.equal(one.leads, true);
});

test("where there are no locks every tab leads", () => {
  const lead = new TabLeader("x", () => {}, /** @type {any} */ (null));
  lead.ask();
  assert.equal(lead.leads, true);
});
