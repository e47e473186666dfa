import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadMarker } from "../../../../static/js/chat/rooms/read_marker.js";
import { RequestError } from "../../../../static/js/core/errors.js";
import { FakeClock } from "../../fakes.js";

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
