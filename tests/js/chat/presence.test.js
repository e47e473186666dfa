import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../../static/js/chat/composer/drafts.js";
import { TypingSignal } from "../../../static/js/chat/composer/typing_signal.js";
import { IdleTimer } from "../../../static/js/chat/idle_timer.js";
import { ReadMarker } from "../../../static/js/chat/rooms/read_marker.js";
import { RequestError } from "../../../static/js/core/errors.js";
import { FakeClock, settled } from "../fakes.js";

function openTyping() {
  const clock = new FakeClock();
  /** @type {string[]} */
  const told = [];
  const typing = new TypingSignal({ clock, tell: (name, room) => told.push(`${name} ${room}`) });
  return { clock, told, typing };
}

test("typing is told at once, again while it lasts, and when it stops", async () => {
  const { clock, told, typing } = openTyping();
  for (let keys = 0; keys < 40; keys += 1) {
    typing.typed("r-1");
    await clock.pass(100);
  }
  assert.deepEqual(told, ["typing:start r-1", "typing:start r-1"]);
  await clock.pass(5_000);
  assert.deepEqual(told.slice(2), ["typing:stop r-1"]);
  assert.equal(clock.waiting, 0);
});

test("going to another room stops the typing in this one", () => {
  const { told, typing } = openTyping();
  typing.typed("r-1");
  typing.typed("r-2");
  assert.deepEqual(told, ["typing:start r-1", "typing:stop r-1", "typing:start r-2"]);
});

test("sending says it by itself, and the next key starts anew", () => {
  const { told, typing } = openTyping();
  typing.typed("r-1");
  typing.stopped({ tell: false });
  typing.typed("r-1");
  assert.deepEqual(told, ["typing:start r-1", "typing:start r-1"]);
});

/** @param {(room: string, seq: number) => Promise<unknown>} answer */
function openReading(answer) {
  const clock = new FakeClock();
  /** @type {string[]} */
  const told = [];
  const reading = new ReadMarker({
    clock,
    mark: (room, seq) => {
      told.push(`${room} ${seq}`);
      return answer(room, seq);
    },
  });
  return { clock, told, reading };
}

test("reading is told once the eyes rest", async () => {
  const { clock, told, reading } = openReading(async () => {});
  for (let seq = 1; seq <= 9; seq += 1) reading.seen("r-1", seq);
  reading.seen("r-1", 4);
  await clock.pass(60_000);
  assert.deepEqual(told, ["r-1 9"]);
});

test("what was read while disconnected is told later", async () => {
  let isOnline = false;
  const { clock, told, reading } = openReading(async () => {
    if (!isOnline) throw RequestError.disconnected();
  });
  reading.seen("r-1", 9);
  await clock.pass(1_000);
  isOnline = true;
  await clock.pass(60_000);
  assert.deepEqual(told, ["r-1 9", "r-1 9"]);
});

test("a refused mark is not repeated for ever", async () => {
  const { clock, told, reading } = openReading(async () => {
    throw new RequestError("not_found", "Gone.");
  });
  reading.seen("r-1", 9);
  await clock.pass(600_000);
  assert.deepEqual(told, ["r-1 9"]);
});

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

test("drafts belong to an account and a room", () => {
  /** @type {Map<string, string>} */
  const held = new Map();
  const storage = /** @type {Storage} */ (
    /** @type {unknown} */ ({
      getItem: (/** @type {string} */ key) => held.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ text) => held.set(key, text),
      removeItem: (/** @type {string} */ key) => held.delete(key),
    })
  );
  const drafts = new Drafts("u-ana", storage);
  drafts.set("r-1", "half a thought");
  assert.equal(drafts.get("r-1"), "half a thought");
  assert.equal(drafts.get("r-2"), "");
  assert.equal(new Drafts("u-ben", storage).get("r-1"), "");
  drafts.set("r-1", "");
  assert.equal(held.size, 0);
});
