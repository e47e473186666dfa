import assert from "node:assert/strict";
import { test } from "node:test";
import { TypingSignal } from "../../../../static/js/chat/composer/typing_signal.js";
import { FakeClock } from "../../fakes.js";

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
