import assert from "node:assert/strict";
import { test } from "node:test";
import { Backoff } from "../../../static/js/core/backoff.js";

function open(random = () => 1) {
  const time = { now: 0 };
  return { time, reconnect: new Backoff({ now: () => time.now, random }) };
}

test("the first try comes soon, later ones ever later, never more than 10 s", () => {
  const { reconnect } = open();
  const waits = Array.from({ length: 7 }, () => reconnect.lost());
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 10_000, 10_000]);
});

test("not everybody comes back at the same instant", () => {
  assert.equal(open(() => 0).reconnect.lost(), 250);
  assert.equal(open(() => 1).reconnect.lost(), 500);
});

test("a connection that held starts the count anew", () => {
  const { reconnect } = open();
  reconnect.lost();
  reconnect.lost();
  reconnect.connected();
  assert.equal(reconnect.lost(), 500);
});

test("the server's retry_after is the least", () => {
  const wait = open(() => 0).reconnect.lost({ code: "unavailable", retry_after: 30 }) ?? 0;
  assert.ok(wait >= 30_000);
});

test("the status says what a person needs", () => {
  const { reconnect, time } = open();
  const status = () => {
    const { phase, retry_in_s } = reconnect.status;
    return [phase, retry_in_s];
  };
  assert.deepEqual(status(), ["connecting", null]);
  reconnect.connected();
  assert.deepEqual(status(), ["connected", null]);
  for (let times = 0; times < 3; times += 1) reconnect.lost();
  assert.deepEqual(status(), ["reconnecting", 2]);
  time.now += 1500;
  assert.deepEqual(status(), ["reconnecting", 1]);
  reconnect.network(false);
  assert.deepEqual(status(), ["offline", 1]);
  reconnect.network(true);
  reconnect.attempting();
  assert.deepEqual(status(), ["reconnecting", null]);
});

test("without network a working connection is still one", () => {
  const { reconnect } = open();
  reconnect.connected();
  reconnect.network(false);
  assert.equal(reconnect.status.phase, "connected");
});

test("a session that ended is not tried again", () => {
  const { reconnect } = open();
  assert.equal(reconnect.lost({ code: "unauthenticated" }), null);
  assert.equal(reconnect.status.phase, "ended");
  assert.equal(reconnect.lost(), null);
});

test("a move to another node is not shown unless it takes long", () => {
  const { reconnect, time } = open();
  reconnect.connected();
  assert.equal(reconnect.moving(120), 120);
  assert.equal(reconnect.status.phase, "connected");
  time.now += 120;
  reconnect.attempting();
  // The other node may need a second try.
  assert.equal(reconnect.lost(), 500);
  assert.equal(reconnect.status.phase, "connected");
  time.now += 3_000;
  assert.equal(reconnect.status.phase, "reconnecting");
  reconnect.connected();
  reconnect.lost();
  assert.equal(reconnect.status.phase, "reconnecting");
});

test("who has no session any more moves nowhere", () => {
  const { reconnect } = open();
  reconnect.ended();
  assert.equal(reconnect.moving(0), null);
  assert.equal(reconnect.status.phase, "ended");
});
