import assert from "node:assert/strict";
import { test } from "node:test";
import { IdleTimer } from "../../../static/js/chat/idle_timer.js";
import { FakeClock, settled } from "../fakes.js";

test("a person becomes idle, then away, and is back with a touch", async () => {
  const clock = new FakeClock();
  /** @type {string[]} */
  const told = [];
  const idle = new IdleTimer({ clock, tell: (state) => told.push(state) });
  idle.touched();
  await clock.pass(4 * 60_000);
  idle.touched();
  await clock.pass(4 * 60_000);
  assert.deepEqual(told, []);
  await clock.pass(60_000);
  assert.deepEqual(told, ["idle"]);
  await clock.pass(25 * 60_000);
  idle.touched();
  await settled();
  assert.deepEqual(told, ["idle", "away", "online"]);
});
