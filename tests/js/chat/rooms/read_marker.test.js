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
    leave: (room, seq) => told.push(`leaving ${room} ${seq}`),
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

test("one room is told at once, before something else is asked about it", async () => {
  const { clock, told, reading } = openReading(async () => {});
  reading.seen("r-1", 9);
  reading.seen("r-2", 3);
  await reading.settle("r-1");
  await reading.settle("r-3");
  assert.deepEqual(told, ["r-1 9"]);
  await clock.pass(60_000);
  assert.deepEqual(told, ["r-1 9", "r-2 3"]);
});

test("turning away tells at once, and what was acknowledged is not told again", async () => {
  const { clock, told, reading } = openReading(async () => {});
  reading.seen("r-1", 9);
  reading.flush();
  assert.deepEqual(told, ["r-1 9"]);
  await clock.pass(60_000);
  reading.flush();
  reading.left();
  assert.deepEqual(told, ["r-1 9"]);
});

test("a page that goes away tells what the server has not acknowledged", async () => {
  const { told, reading } = openReading(() => new Promise(() => {}));
  reading.seen("r-1", 9);
  reading.seen("r-2", 3);
  reading.left();
  assert.deepEqual(told, ["leaving r-1 9", "leaving r-2 3"]);
});
