import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Outbox } from "../../../../static/js/chat/outbox/outbox.js";
import { OutboxSender } from "../../../../static/js/chat/outbox/outbox_sender.js";
import { MemoryStore } from "../../../../static/js/chat/outbox/outbox_store.js";
import { RequestError } from "../../../../static/js/core/errors.js";
import { ana, FakeClock, newId, settled } from "../../fakes.js";

/** @import { OutboxEntry } from "../../../../static/js/chat/outbox/types.d.ts" */

/**
 * A server that commits in the order of arrival and knows repeats, and answers as `plan` says:
 * nothing is an ack; `lose` commits and loses the ack.
 */
class FakeServer {
  /** @type {string[]} */
  log = [];
  /** @type {Map<string, number>} */
  #known = new Map();
  /** @type {("lose" | RequestError)[]} */
  plan = [];
  inFlight = 0;
  mostInFlight = 0;
  /** @type {string[]} */
  asked = [];

  /** @param {OutboxEntry} entry */
  send = async ({ client_id, text }) => {
    this.asked.push(client_id);
    this.inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.inFlight);
    await settled();
    this.inFlight -= 1;
    const next = this.plan.shift();
    if (next instanceof RequestError) throw next;
    if (!this.#known.has(client_id)) this.#known.set(client_id, this.log.push(text));
    if (next === "lose") throw RequestError.timeout();
    return { rev: this.#known.get(client_id) ?? 0 };
  };
}

/** @param {Partial<{ store: MemoryStore, server: FakeServer, onSilence: () => void }>} [parts] */
function open({ store = new MemoryStore(), server = new FakeServer(), onSilence = () => {} } = {}) {
  const clock = new FakeClock();
  const outbox = new Outbox({ me: ana, store, tell: () => {}, now: clock.now, newId });
  const sender = new OutboxSender({
    outbox,
    send: server.send,
    clock,
    onSilence,
    random: () => 0.5,
  });
  return { clock, outbox, sender, server };
}

/** @param {ReturnType<typeof open>} parts */
async function start({ sender, clock }) {
  sender.lead(true);
  sender.online(true);
  await clock.pass(0);
}

const refusals = [
  () => "lose",
  () => RequestError.disconnected(),
  () => new RequestError("unavailable", "Away.", { retry_after: 2 }),
  () => new RequestError("rate_limited", "Slowly.", { retry_after: 5 }),
];

test("whatever fails on the way, all arrive once and in order", async () => {
  const failures = fc.array(fc.option(fc.constantFrom(...refusals), { nil: null }), {
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(failures, fc.integer({ min: 1, max: 6 }), async (plan, count) => {
      const parts = open();
      const { outbox, server, clock } = parts;
      // `undefined` in the plan is an ack.
      server.plan = /** @type {any} */ (plan.map((make) => make?.()));
      const texts = Array.from({ length: count }, (_, at) => `message ${at}`);
      for (const text of texts) outbox.add("r-1", text);
      await start(parts);
      for (let round = 0; round < 40; round += 1) await clock.pass(20_000);
      assert.deepEqual(server.log, texts);
      assert.equal(server.mostInFlight, 1);
      assert.equal(outbox.sending, 0);
    }),
    { numRuns: 60 },
  );
});

test("nothing goes out before the tab leads and is connected", async () => {
  const parts = open();
  await parts.outbox.add("r-1", "hi");
  parts.sender.online(true);
  await parts.clock.pass(60_000);
  assert.deepEqual(parts.server.log, []);
  parts.sender.lead(true);
  await parts.clock.pass(0);
  assert.deepEqual(parts.server.log, ["hi"]);
});

test("a tab that lost the lead sends nothing more", async () => {
  const parts = open();
  await start(parts);
  parts.sender.lead(false);
  await parts.outbox.add("r-1", "hi");
  await parts.clock.pass(60_000);
  assert.deepEqual(parts.server.log, []);
});

test("the server's retry_after is kept, with the same client_id", async () => {
  const parts = open();
  const { server, outbox, clock } = parts;
  server.plan = [new RequestError("rate_limited", "Slowly.", { retry_after: 5 })];
  await outbox.add("r-1", "hi");
  await start(parts);
  await clock.pass(4_999);
  assert.equal(server.asked.length, 1);
  await clock.pass(2_000);
  assert.deepEqual(server.log, ["hi"]);
  assert.equal(new Set(server.asked).size, 1);
});

for (const code of /** @type {const} */ ([
  "invalid",
  "too_large",
  "forbidden",
  "not_found",
  "conflict",
])) {
  test(`${code} is final: the person decides, the next one goes out`, async () => {
    const parts = open();
    const { server, outbox, clock } = parts;
    server.plan = [new RequestError(code, "Not so.")];
    await outbox.add("r-1", "bad");
    await outbox.add("r-1", "good");
    await start(parts);
    await clock.pass(60_000);
    assert.deepEqual(server.log, ["good"]);
    const failed = outbox.pending("r-1").find(({ state }) => state === "failed");
    assert.equal(failed?.error, "Not so.");
  });
}

test("answers that stay away twice make the connection suspect", async () => {
  let renewed = 0;
  const parts = open({
    onSilence: () => {
      renewed += 1;
    },
  });
  parts.server.plan = ["lose", "lose"];
  await parts.outbox.add("r-1", "hi");
  await start(parts);
  await parts.clock.pass(60_000);
  assert.equal(renewed, 1);
  assert.deepEqual(parts.server.log, ["hi"]);
});

test("a session that ended keeps the message for the next one", async () => {
  const store = new MemoryStore();
  const parts = open({ store });
  parts.server.plan = Array.from(
    { length: 3 },
    () => new RequestError("unauthenticated", "Sign in."),
  );
  await parts.outbox.add("r-1", "hi");
  await start(parts);
  parts.sender.online(false);
  await parts.clock.pass(60_000);
  assert.deepEqual(parts.server.log, []);
  const after = open({ store });
  await after.outbox.load();
  await start(after);
  assert.deepEqual(after.server.log, ["hi"]);
});
