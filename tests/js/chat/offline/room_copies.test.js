import "fake-indexeddb/auto";
import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { keptSnapshot } from "../../../../static/js/chat/offline/offline_start.js";
import {
  BYTES,
  bounded,
  MEMBERS,
  MESSAGES,
  ROOMS,
  RoomCopies,
} from "../../../../static/js/chat/offline/room_copies.js";
import { ana, message, room } from "../../fakes.js";

const DAY = 24 * 60 * 60 * 1000;
let now = 1_000_000;

beforeEach(async () => {
  await new RoomCopies().end();
});

/** @param {string} id @param {number} count @param {Partial<import("../../../../static/js/chat/types.d.ts").Message>} [more] */
function copy(id, count, more = {}) {
  const items = Array.from({ length: count }, (_, n) => message(n + 1, { room: id, ...more }));
  return {
    room: room({ id, slug: id, name: id }),
    rev: count,
    items,
    older: false,
    members: [],
    reads: {},
    last_read: 0,
  };
}

/** @param {string} id @returns {import("../../../../static/js/chat/types.d.ts").Member} */
const member = (id) => ({ id, username: id, name: id, role: "member", state: "offline" });

/** Ana's copies, with the rooms of her list. @param {string[]} ids */
async function kept(...ids) {
  const copies = new RoomCopies(() => now);
  const rooms = ids.map((id) => room({ id, slug: id, name: id }));
  await copies.keepPerson({ me: ana, rooms, preferences: { theme: "dark" } });
  for (const id of ids) {
    now += 1;
    await copies.keep(copy(id, 3));
  }
  return copies;
}

test("a page begins with the room of its address, or with the latest", async () => {
  const copies = await kept("hallway", "workshop");
  const named = await keptSnapshot(copies, "/rooms/hallway");
  assert.equal(named?.snapshot.room?.id, "hallway");
  assert.deepEqual(
    named?.snapshot.items.map(({ seq }) => seq),
    [1, 2, 3],
  );
  assert.deepEqual(named?.preferences, { theme: "dark" });
  const latest = await keptSnapshot(copies, "/");
  assert.equal(latest?.snapshot.room?.id, "workshop");
});

test("a room of mine that is not kept is named, one that is not mine is missing", async () => {
  const copies = await kept("hallway");
  await copies.forget("hallway");
  const mine = await keptSnapshot(copies, "/rooms/hallway");
  assert.equal(mine?.snapshot.notHere?.id, "hallway");
  assert.equal(mine?.snapshot.room, null);
  const foreign = await keptSnapshot(copies, "/rooms/elsewhere");
  assert.equal(foreign?.snapshot.notHere, null);
});

test("the newest messages of the latest rooms are kept, and no more", async () => {
  const ids = Array.from({ length: ROOMS + 5 }, (_, n) => `room-${n}`);
  const copies = await kept(...ids);
  assert.equal((await copies.latest()).length, ROOMS);
  assert.equal(await copies.room("room-0", ana.id), null);
  const many = bounded(copy("hallway", MESSAGES + 10));
  assert.equal(many.items.length, MESSAGES);
  assert.equal(many.items.at(-1)?.seq, MESSAGES + 10);
  assert.equal(many.older, true);
  const long = bounded(copy("hallway", 10, { text: "x".repeat(BYTES / 4) }));
  assert.ok(JSON.stringify(long.items).length <= BYTES + 100);
  const crowd = Array.from({ length: MEMBERS + 50 }, (_, n) => member(`person-${n}`));
  const author = message(1).by?.id ?? "";
  const members = [...crowd, member(author)];
  const crowded = bounded({ ...copy("hallway", 1), members });
  assert.equal(crowded.members.length, MEMBERS);
  assert.ok(crowded.members.some(({ id }) => id === author));
});

test("a room that I am no longer in goes", async () => {
  const copies = await kept("hallway", "workshop");
  await copies.keepPerson({ me: ana, rooms: [room({ id: "hallway" })], preferences: {} });
  assert.deepEqual(await copies.latest(), ["hallway"]);
});

test("another person finds nothing, and what was kept goes when they are kept", async () => {
  const copies = await kept("hallway");
  assert.equal(await copies.room("hallway", "ben"), null);
  const ben = { ...ana, id: "ben" };
  await copies.keepPerson({ me: ben, rooms: [room({ id: "hallway" })], preferences: {} });
  assert.deepEqual(await copies.latest(), []);
});

test("copies end with the session, and after a week", async () => {
  const copies = await kept("hallway");
  now += 8 * DAY;
  assert.equal(await copies.person(), null);
  assert.equal(await copies.room("hallway", ana.id), null);
  now -= 8 * DAY;
  await copies.end();
  await copies.keepPerson({ me: ana, rooms: [], preferences: {} });
  assert.equal(await new RoomCopies(() => now).person(), null);
});
