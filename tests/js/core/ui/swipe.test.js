import assert from "node:assert/strict";
import { test } from "node:test";
import { Swipe } from "../../../../static/js/core/ui/swipe.js";

const right = () => new Swipe({ axis: "x", direction: 1, length: 300 }, { x: 20, y: 100, time: 0 });

test("a finger that hardly moved has not decided yet", () => {
  const swipe = right();
  swipe.moves({ x: 27, y: 95, time: 16 });
  assert.equal(swipe.isAlong, null);
  assert.equal(swipe.isDone(20), false);
});

test("a finger that reads on draws nothing, however far it goes aside later", () => {
  const swipe = right();
  swipe.moves({ x: 26, y: 130, time: 16 });
  swipe.moves({ x: 300, y: 130, time: 32 });
  assert.equal(swipe.isAlong, false);
  assert.equal(swipe.isDone(40), false);
});

test("the other direction is no swipe", () => {
  const swipe = right();
  swipe.moves({ x: 0, y: 100, time: 16 });
  assert.equal(swipe.isAlong, false);
});

test("it follows the finger, no farther than the whole way", () => {
  const swipe = right();
  swipe.moves({ x: 120, y: 104, time: 100 });
  assert.equal(swipe.isAlong, true);
  assert.equal(swipe.done, 100);
  swipe.moves({ x: 10, y: 104, time: 200 });
  assert.equal(swipe.done, 0);
  swipe.moves({ x: 900, y: 104, time: 300 });
  assert.equal(swipe.done, 300);
});

test("far is enough, also slowly", () => {
  const swipe = right();
  for (let step = 1; step <= 13; step += 1)
    swipe.moves({ x: 20 + step * 10, y: 100, time: step * 100 });
  assert.equal(swipe.isDone(1_400), true);
});

test("short and slow goes back, short and fast goes all the way", () => {
  const slow = right();
  slow.moves({ x: 40, y: 100, time: 100 });
  slow.moves({ x: 60, y: 100, time: 300 });
  assert.equal(slow.isDone(310), false);
  const fast = right();
  fast.moves({ x: 40, y: 100, time: 10 });
  fast.moves({ x: 60, y: 100, time: 30 });
  assert.equal(fast.isDone(40), true);
});

test("a finger that comes back fast, or rests at the end, is not fast", () => {
  const back = right();
  back.moves({ x: 220, y: 100, time: 200 });
  back.moves({ x: 180, y: 100, time: 220 });
  assert.equal(back.isDone(225), false);
  const resting = right();
  resting.moves({ x: 80, y: 100, time: 20 });
  assert.equal(resting.isDone(500), false);
});

test("a sheet goes down", () => {
  const sheet = new Swipe({ axis: "y", direction: 1, length: 400 }, { x: 100, y: 500, time: 0 });
  sheet.moves({ x: 104, y: 560, time: 20 });
  assert.equal(sheet.isAlong, true);
  assert.equal(sheet.isDone(30), true);
});
