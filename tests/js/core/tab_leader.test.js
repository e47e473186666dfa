import assert from "node:assert/strict";
import { test } from "node:test";
import { TabLeader } from "../../../static/js/core/tab_leader.js";
import { settled } from "../fakes.js";

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
        // The loser of a stolen lock may learn of it after the new holder has begun.
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
