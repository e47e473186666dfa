import assert from "node:assert/strict";
import { test } from "node:test";
import { countUnread, RoomList } from "../../../../static/js/chat/rooms/room_list.js";
import { ana, ben, message, room } from "../../fakes.js";

function open() {
  const rooms = new RoomList();
  rooms.reset([room({ id: "r-2", slug: "workshop", name: "workshop" }), room()]);
  return rooms;
}

test("rooms are found by id and by slug, and listed by name", () => {
  const rooms = open();
  assert.equal(rooms.find("workshop"), rooms.find("r-2"));
  assert.deepEqual(
    rooms.list().map(({ name }) => name),
    ["hallway", "workshop"],
  );
});

test("activity changes the counts, and what is news the time of the last activity", () => {
  const rooms = new RoomList(() => Date.UTC(2026, 0, 2));
  rooms.reset([room()]);
  rooms.activity({ room: "r-1", rev: 9, unread: 3, mentions: 1 });
  const active_at = "2026-01-02T00:00:00.000Z";
  assert.deepEqual(rooms.find("r-1"), room({ rev: 9, unread: 3, mentions: 1, active_at }));
  rooms.activity({ room: "r-1", rev: 10, unread: 0, mentions: 0 });
  assert.equal(rooms.find("r-1")?.active_at, active_at);
});

test("an old message that was changed is no activity", () => {
  const rooms = open();
  assert.equal(rooms.active("r-1", "2026-01-03T00:00:00.000Z"), true);
  assert.equal(rooms.active("r-1", "2026-01-02T00:00:00.000Z"), false);
});

test("activity of a room that is not mine makes no room", () => {
  const rooms = open();
  rooms.activity({ room: "r-9", unread: 3, mentions: 1 });
  assert.equal(rooms.find("r-9"), undefined);
});

test("how far I have read never goes back", () => {
  const rooms = open();
  rooms.read("r-1", 5);
  rooms.read("r-1", 3);
  rooms.put(room({ last_read: 4, topic: "news" }));
  assert.equal(rooms.find("r-1")?.last_read, 5);
  assert.equal(rooms.find("r-1")?.topic, "news");
});

test("a new connection forgets rooms that are gone and who typed", () => {
  const rooms = open();
  rooms.typed("r-1", [ben.id]);
  rooms.reset([room()]);
  assert.equal(rooms.find("r-2"), undefined);
  assert.deepEqual(rooms.typing("r-1"), []);
});

test("unread is what others wrote after what I read", () => {
  const messages = [
    message(1),
    message(2),
    message(3, { by: ana }),
    message(4, { mentions: [ana.id] }),
    message(5, { deleted: true }),
    message(6, { system: { kind: "joined" } }),
  ];
  assert.deepEqual(countUnread(messages, 1, ana.id), { unread: 2, mentions: 1 });
  assert.deepEqual(countUnread(messages, 6, ana.id), { unread: 0, mentions: 0 });
});
