/** The part of a room that a page holds, and what is pinned in the room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenRoom } from "../../../../static/js/chat/rooms/open_room.js";
import { ana, message, room } from "../../fakes.js";

const PINNED = { pinned: { by: ana.id, at: "2026-01-01T00:00:00.000Z" } };

/** @param {Partial<Parameters<OpenRoom["load"]>[0]>} [more] */
function opened(more = {}) {
  const open = new OpenRoom(room());
  const items = [message(1), message(2)];
  const about = { room: room(), members: [], reads: {}, last_read: 0 };
  open.load({ ...about, rev: 2, items, pins: ["m-1", "m-old"], ...more });
  return open;
}

/** @param {OpenRoom} open @param {number} rev @param {import("../../../../static/js/chat/types.d.ts").Message} item */
function receive(open, rev, item) {
  open.receive({ prev: rev - 1, rev, items: [item] });
}

test("pins are counted over messages that are not held", () => {
  const open = opened();
  let changes = 0;
  open.on("pins", () => {
    changes += 1;
  });
  receive(open, 3, message(3, { seq: 2, id: "m-2", ...PINNED }));
  receive(open, 4, message(4, { seq: 2, id: "m-2", ...PINNED, text: "edited" }));
  assert.deepEqual([changes, open.pins.size], [1, 3]);
  receive(open, 5, message(5, { seq: 0, id: "m-old" }));
  receive(open, 6, message(6, { seq: 2, id: "m-2", deleted: true, ...PINNED }));
  assert.deepEqual([changes, [...open.pins]], [3, ["m-1"]]);
});

test("a copy that was kept without pins leaves them as they are", () => {
  const open = opened();
  const about = { room: room(), members: [], reads: {}, last_read: 0 };
  open.load({ ...about, rev: 9, items: [] });
  assert.equal(open.pins.size, 2);
});

test("a page may begin further up, and grow to both sides", () => {
  const open = opened({ rev: 90, items: [message(40), message(41)], older: true, newer: true });
  assert.deepEqual([open.hasOlder, open.hasNewer, open.stream.cursor], [true, true, 90]);
  assert.deepEqual(
    open.stream.ordered().map(({ seq }) => seq),
    [40, 41],
  );
  // A new message is not held: there is a gap before it.
  receive(open, 91, message(91));
  assert.equal(open.stream.ordered().length, 2);
});

test("messages that were marked as unread are not before the reader's eyes any more", () => {
  const open = opened();
  open.last_read = 9;
  open.seen(9);
  open.markedUnread(4);
  assert.deepEqual([open.last_read, open.visible], [4, 4]);
});
