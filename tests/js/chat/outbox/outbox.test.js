import assert from "node:assert/strict";
import { test } from "node:test";
import { Outbox } from "../../../../static/js/chat/outbox/outbox.js";
import { MemoryStore } from "../../../../static/js/chat/outbox/outbox_store.js";
import { ana, ben, FakeClock, message, newId, settled } from "../../fakes.js";

/** @import { Me } from "../../../../static/js/chat/types.d.ts" */
/** @import { OutboxNews, OutboxStore } from "../../../../static/js/chat/outbox/types.d.ts" */

/** @param {{ me?: Me, store?: OutboxStore, tell?: (news: OutboxNews) => void }} [parts] */
function open({ me = ana, store = new MemoryStore(), tell = () => {} } = {}) {
  return new Outbox({ me, store, tell, now: new FakeClock().now, newId });
}

/** Two tabs of one account on one store. */
function openOutboxTabs() {
  const store = new MemoryStore();
  /** @type {Outbox[]} */
  const tabs = [];
  /** @param {number} mine */
  const others = (mine) => (/** @type {OutboxNews} */ news) => {
    // Tabs exchange copies, as a BroadcastChannel does.
    for (const [at, tab] of tabs.entries()) if (at !== mine) tab.heard(structuredClone(news));
  };
  tabs.push(open({ store, tell: others(0) }), open({ store, tell: others(1) }));
  return /** @type {[Outbox, Outbox]} */ (tabs);
}

/** @param {Outbox} outbox */
const texts = (outbox, room = "r-1") => outbox.pending(room).map(({ text }) => text);

test("what was written survives a reload, in order", async () => {
  const store = new MemoryStore();
  const before = open({ store });
  await Promise.all(["one", "two", "three"].map((text) => before.add("r-1", text)));
  const after = open({ store });
  await after.load();
  assert.deepEqual(texts(after), ["one", "two", "three"]);
  assert.equal(after.next()?.text, "one");
});

test("a message shows at once, and is not sent before it is stored", async () => {
  const outbox = open();
  const kept = outbox.add("r-1", "hi");
  assert.deepEqual(texts(outbox), ["hi"]);
  assert.equal(outbox.next(), undefined);
  await kept;
  assert.equal(outbox.next()?.text, "hi");
});

test("a message that can't be stored fails with a sentence, and can be tried again", async () => {
  const store = new MemoryStore();
  const outbox = open({ store });
  const add = store.add;
  store.add = () => Promise.reject(new Error("full"));
  await outbox.add("r-1", "hi");
  assert.match(outbox.pending("r-1")[0]?.error ?? "", /could not keep/);
  store.add = add;
  outbox.retry(outbox.pending("r-1")[0]?.client_id ?? "");
  await settled();
  assert.equal(outbox.next()?.text, "hi");
});

test("another account never sees or sends it", async () => {
  const store = new MemoryStore();
  await open({ store }).add("r-1", "from ana");
  const other = open({ me: ben, store });
  await other.load();
  assert.equal(other.next(), undefined);
  assert.deepEqual(texts(other), []);
  const again = open({ store });
  await again.load();
  assert.equal(again.next()?.text, "from ana");
});

test("acknowledged, then shown: one message all the time", async () => {
  const outbox = open();
  await outbox.add("r-1", "hi");
  const { client_id = "" } = outbox.next() ?? {};
  outbox.acked(client_id, 7);
  assert.deepEqual(texts(outbox), ["hi"]);
  assert.equal(outbox.sending, 0);
  outbox.settle("r-1", [message(7, { client_id, by: ana })], 7);
  assert.deepEqual(texts(outbox), []);
});

test("shown, then acknowledged: one message all the time", async () => {
  const outbox = open();
  await outbox.add("r-1", "hi");
  const { client_id = "" } = outbox.next() ?? {};
  outbox.settle("r-1", [message(7, { client_id, by: ana })], 7);
  assert.deepEqual(texts(outbox), []);
  outbox.acked(client_id, 7);
  assert.deepEqual(texts(outbox), []);
  assert.equal(outbox.next(), undefined);
});

test("an acknowledged message that the room has passed is not shown again", async () => {
  const outbox = open();
  await outbox.add("r-1", "hi");
  outbox.acked(outbox.next()?.client_id ?? "", 7);
  outbox.settle("r-1", [], 6);
  assert.deepEqual(texts(outbox), ["hi"]);
  outbox.settle("r-1", [], 7);
  assert.deepEqual(texts(outbox), []);
});

test("the page hears of it when a message is settled, and only then", async () => {
  const outbox = open();
  await outbox.add("r-1", "hi");
  let changes = 0;
  outbox.on("changed", () => {
    changes += 1;
  });
  outbox.settle("r-1", [message(6)], 6);
  assert.equal(changes, 0);
  outbox.acked(outbox.next()?.client_id ?? "", 7);
  changes = 0;
  outbox.settle("r-1", [], 7);
  assert.equal(changes, 1);
});

test("somebody else's message with the same client_id settles nothing", async () => {
  const outbox = open();
  await outbox.add("r-1", "hi");
  const { client_id = "" } = outbox.next() ?? {};
  outbox.settle("r-1", [message(7, { client_id })], 7);
  outbox.settle("r-2", [message(8, { client_id, by: ana })], 8);
  assert.equal(outbox.next()?.text, "hi");
});

test("a refused message waits for the person, the next one goes on", async () => {
  const outbox = open();
  await outbox.add("r-1", "bad");
  await outbox.add("r-1", "good");
  const { client_id = "" } = outbox.next() ?? {};
  outbox.failed(client_id, "No.");
  assert.equal(outbox.next()?.text, "good");
  outbox.retry(client_id);
  assert.equal(outbox.next()?.client_id, client_id);
  outbox.failed(client_id, "No.");
  outbox.discard(client_id);
  assert.deepEqual(texts(outbox), ["good"]);
});

test("where the client_id stands for another message, a retry takes a new one", async () => {
  const store = new MemoryStore();
  const outbox = open({ store });
  await outbox.add("r-1", "hi");
  const { client_id = "" } = outbox.next() ?? {};
  outbox.failed(client_id, "Taken.", true);
  const [failed] = outbox.pending("r-1");
  assert.notEqual(failed?.client_id, client_id);
  outbox.retry(failed?.client_id ?? "");
  await settled();
  assert.deepEqual(
    (await store.all(ana.id)).map((entry) => entry.client_id),
    [failed?.client_id],
  );
});

test("a new client_id shows the message once in each tab, whatever is said late", async () => {
  const [one, two] = openOutboxTabs();
  await one.add("r-1", "hi");
  const entry = one.next();
  assert.ok(entry);
  const late = structuredClone(entry);
  one.failed(entry.client_id, "Taken.", true);
  one.heard({ kind: "kept", entry: late });
  const shown = one.pending("r-1");
  assert.deepEqual(
    shown.map(({ state }) => state),
    ["failed"],
  );
  assert.deepEqual(two.pending("r-1"), shown);
});

test("a failure is still one after a reload", async () => {
  const store = new MemoryStore();
  const outbox = open({ store });
  await outbox.add("r-1", "hi");
  outbox.failed(outbox.next()?.client_id ?? "", "No.");
  await settled();
  const after = open({ store });
  await after.load();
  assert.equal(after.pending("r-1")[0]?.error, "No.");
});

test("what was discarded before it was stored does not come back", async () => {
  const store = new MemoryStore();
  const outbox = open({ store });
  const kept = outbox.add("r-1", "hi");
  outbox.discard(outbox.pending("r-1")[0]?.client_id ?? "");
  await kept;
  assert.deepEqual(await store.all(ana.id), []);
});

test("500 wait at most", async () => {
  const outbox = open();
  for (let count = 0; count < 500; count += 1) await outbox.add("r-1", "hi");
  assert.equal(outbox.isFull, true);
});

test("the tabs of an account show the same", async () => {
  const [one, two] = openOutboxTabs();
  await one.add("r-1", "a");
  await two.add("r-1", "b");
  await one.add("r-1", "c");
  for (const tab of [one, two]) assert.deepEqual(texts(tab), ["a", "b", "c"]);
  one.acked(one.next()?.client_id ?? "", 5);
  two.failed(two.next()?.client_id ?? "", "No.");
  for (const tab of [one, two]) {
    assert.equal(tab.sending, 1);
    assert.deepEqual(
      tab.pending("r-1").map(({ state }) => state),
      ["sending", "failed", "sending"],
    );
  }
  two.retry(two.pending("r-1")[1]?.client_id ?? "");
  assert.equal(one.next()?.text, "b");
  assert.equal(one.pending("r-1")[1]?.error, undefined);
});

test("a late word or a late answer of the store does not revive what is done", async () => {
  const store = new MemoryStore();
  const outbox = open({ store });
  await outbox.add("r-1", "hi");
  const entry = structuredClone(outbox.next());
  assert.ok(entry);
  const loading = outbox.load();
  outbox.acked(entry.client_id, 3);
  await loading;
  outbox.heard({ kind: "kept", entry });
  assert.equal(outbox.next(), undefined);
  assert.deepEqual(texts(outbox), ["hi"]);
});

test("the order is that of the store, whatever comes to this tab's ears first", async () => {
  const store = new MemoryStore();
  store.add = async () => 3;
  const outbox = open({ store });
  const kept = outbox.add("r-1", "third");
  outbox.heard({
    kind: "kept",
    entry: {
      client_id: "c-5",
      account: ana.id,
      room: "r-1",
      text: "fifth",
      at: "",
      n: 5,
      state: "queued",
    },
  });
  await kept;
  assert.deepEqual(texts(outbox), ["third", "fifth"]);
});

test("what its room shows already is not on its way, also where another tab tells of it later", async () => {
  const store = new MemoryStore();
  const [writing, reading] = [open({ store }), open({ store })];
  await writing.add("r-1", "hi");
  const entry = /** @type {import("../../../../static/js/chat/outbox/types.d.ts").OutboxEntry} */ (
    writing.next()
  );
  const { client_id } = entry;
  assert.equal(reading.settle("r-1", [message(7, { by: ana, client_id })], 7), false);
  reading.heard({ kind: "kept", entry });
  assert.deepEqual(texts(reading), []);
  await reading.load();
  assert.deepEqual(texts(reading), []);
  assert.deepEqual(await store.all(ana.id), []);
});
