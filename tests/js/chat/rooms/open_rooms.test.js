import assert from "node:assert/strict";
import { test } from "node:test";
import { OpenRooms } from "../../../../static/js/chat/rooms/open_rooms.js";
import { RequestError } from "../../../../static/js/core/errors.js";
import { ana, FakeClock, message, room, settled } from "../../fakes.js";

/** @import { Message } from "../../../../static/js/chat/types.d.ts" */
/** @import { OpenRoom } from "../../../../static/js/chat/rooms/open_room.js" */

const PAGE = 3;

/** A server with rooms of plain sends, whose answers can be held back or refused. */
class FakeServer {
  /** @type {Map<string, Message[]>} */
  rooms = new Map([
    ["hallway", []],
    ["workshop", []],
  ]);
  /** @type {string[]} */
  asked = [];
  /** @type {Set<string>} */
  joined = new Set();
  /** @type {Promise<void> | null} */
  hold = null;
  /** @type {Error[]} */
  refusals = [];

  /** @param {string} id @param {number} count */
  grow(id, count) {
    const log = this.rooms.get(id) ?? [];
    for (let times = 0; times < count; times += 1) log.push(message(log.length + 1, { room: id }));
  }

  /** @type {any} */
  request = async (/** @type {string} */ name, /** @type {any} */ payload) => {
    this.asked.push(
      `${name} ${payload.room}${payload.cursor === undefined ? "" : ` ${payload.cursor}`}`,
    );
    await this.hold;
    await settled();
    const refusal = this.refusals.shift();
    if (refusal) throw refusal;
    return this.#answer(name, payload);
  };

  /** @param {string} name @param {any} payload */
  #answer(name, { room: id, cursor, before, limit }) {
    const log = this.rooms.get(id) ?? [];
    if (name === "room:leave") return this.joined.delete(id);
    if (name === "room:history") {
      const older = log.filter(({ seq }) => seq < before);
      return { items: older.slice(-limit), more: older.length > limit };
    }
    if (name === "room:join") this.joined.add(id);
    const about = {
      room: room({ id, slug: id, last_read: 0 }),
      members: [],
      reads: {},
      last_read: 0,
    };
    return { ...about, ...this.#changes(log, cursor) };
  }

  /** @param {Message[]} log @param {number | undefined} cursor */
  #changes(log, cursor) {
    if (cursor === undefined)
      return {
        rev: log.length,
        items: log.slice(-PAGE),
        more: false,
        reset: false,
        older: log.length > PAGE,
      };
    const items = log.slice(cursor, cursor + PAGE);
    return {
      rev: cursor + items.length,
      items,
      more: cursor + items.length < log.length,
      reset: false,
    };
  }
}

async function enter(count = 5) {
  const server = new FakeServer();
  const clock = new FakeClock();
  server.grow("hallway", count);
  const openRooms = new OpenRooms({ request: server.request, clock });
  openRooms.online(true);
  const hallway = openRooms.open(room({ id: "hallway" }));
  await clock.pass(0);
  await settled();
  return { server, clock, openRooms, hallway };
}

/** @param {OpenRoom} open */
const seqs = (open) => open.stream.ordered().map(({ seq }) => seq);

/** @param {number} rev */
const live = (rev, prev = rev - 1) => ({
  room: "hallway",
  prev,
  rev,
  items: [message(rev, { room: "hallway" })],
});

/** @param {FakeClock} clock */
async function rest(clock) {
  for (let times = 0; times < 30; times += 1) await clock.pass(0);
}

test("a room is joined without cursor first, and from its cursor after a new connection", async () => {
  const { server, openRooms, hallway, clock } = await enter();
  assert.deepEqual(seqs(hallway), [3, 4, 5]);
  openRooms.online(false);
  server.grow("hallway", 2);
  openRooms.online(true);
  await rest(clock);
  assert.deepEqual(server.asked, ["room:join hallway", "room:join hallway 5"]);
  assert.deepEqual(seqs(hallway), [3, 4, 5, 6, 7]);
});

test("a long absence is caught up page by page", async () => {
  const { server, openRooms, hallway, clock } = await enter();
  openRooms.online(false);
  server.grow("hallway", 8);
  openRooms.online(true);
  await rest(clock);
  assert.deepEqual(server.asked.slice(1), [
    "room:join hallway 5",
    "room:sync hallway 8",
    "room:sync hallway 11",
  ]);
  assert.equal(hallway.stream.cursor, 13);
});

test("an absence that is too long begins with the newest page", async () => {
  const { server, openRooms, hallway, clock } = await enter();
  openRooms.online(false);
  server.grow("hallway", 200);
  openRooms.online(true);
  for (let times = 0; times < 5; times += 1) await rest(clock);
  assert.deepEqual(seqs(hallway), [203, 204, 205]);
  assert.equal(hallway.hasOlder, true);
});

test("a gap in the live batches is closed by a sync", async () => {
  const { server, openRooms, hallway, clock } = await enter();
  server.grow("hallway", 2);
  openRooms.receive(live(7));
  await rest(clock);
  assert.deepEqual(server.asked.slice(1), ["room:sync hallway 5"]);
  assert.deepEqual(seqs(hallway), [3, 4, 5, 6, 7]);
});

test("a batch that overtakes the answer to the join is not lost", async () => {
  const { server, openRooms, clock } = await enter();
  openRooms.online(false);
  /** @type {() => void} */
  let letGo = () => {};
  server.hold = new Promise((resolve) => {
    letGo = resolve;
  });
  openRooms.online(true);
  server.grow("hallway", 2);
  openRooms.receive(live(9, 8));
  letGo();
  server.hold = null;
  await rest(clock);
  server.grow("hallway", 2);
  await clock.pass(60_000);
  await rest(clock);
  assert.deepEqual(openRooms.current?.stream.cursor, 9);
});

test("an answer on an earlier connection joins nothing on this one", async () => {
  const { server, openRooms, clock } = await enter();
  server.asked = [];
  /** @type {() => void} */
  let letGo = () => {};
  server.hold = new Promise((resolve) => {
    letGo = resolve;
  });
  openRooms.online(true);
  openRooms.online(false);
  openRooms.online(true);
  letGo();
  server.hold = null;
  await rest(clock);
  assert.deepEqual(server.asked, ["room:join hallway 5", "room:join hallway 5"]);
});

test("the room before is left, the one before that is not joined twice", async () => {
  const { server, openRooms, clock } = await enter();
  openRooms.open(room({ id: "workshop" }));
  openRooms.open(room({ id: "hallway" }));
  openRooms.open(room({ id: "workshop" }));
  await rest(clock);
  assert.deepEqual([...server.joined], ["workshop"]);
});

test("a visited room is shown at once and catches up", async () => {
  const { server, openRooms, clock } = await enter();
  openRooms.open(room({ id: "workshop" }));
  await rest(clock);
  server.grow("hallway", 1);
  const again = openRooms.open(room({ id: "hallway" }));
  assert.deepEqual(seqs(again), [3, 4, 5]);
  await rest(clock);
  assert.deepEqual(seqs(again), [3, 4, 5, 6]);
});

test("rooms stay at hand, those that were open long ago with their newest messages", async () => {
  const { openRooms, hallway } = await enter();
  for (let rev = 6; rev <= 300; rev += 1) openRooms.receive(live(rev));
  for (let number = 0; number < 9; number += 1) openRooms.open(room({ id: `room-${number}` }));
  assert.equal(openRooms.at("hallway"), hallway);
  assert.equal(hallway.stream.items.size, 100);
  assert.equal(hallway.hasOlder, true);
  for (let number = 0; number < 99; number += 1) openRooms.open(room({ id: `more-${number}` }));
  assert.equal(openRooms.at("hallway"), undefined);
});

test("a room that is only looked at is not joined", async () => {
  const { server, openRooms, clock } = await enter();
  server.asked = [];
  openRooms.open(room({ id: "workshop", member: false }));
  await rest(clock);
  assert.deepEqual(server.asked, ["room:leave hallway"]);
});

test("a room that can't be had any more is closed with the reason", async () => {
  const { server, openRooms, clock } = await enter();
  /** @type {string[]} */
  const told = [];
  openRooms.on("gone", (_, why) => told.push(why.message));
  server.refusals = [new RequestError("not_found", "It is private.")];
  openRooms.online(true);
  await rest(clock);
  assert.equal(openRooms.current, null);
  assert.deepEqual(told, ["It is private."]);
});

test("a refusal that passes is waited for", async () => {
  const { server, openRooms, clock } = await enter();
  server.refusals = [new RequestError("unavailable", "Away.", { retry_after: 3 })];
  server.asked = [];
  openRooms.online(true);
  await rest(clock);
  await clock.pass(2_900);
  assert.equal(server.asked.length, 1);
  await clock.pass(200);
  await rest(clock);
  assert.equal(server.asked.length, 2);
});

test("history is fetched page by page before what is held, one page at a time", async () => {
  const { server, hallway } = await enter(60);
  await Promise.all([hallway.fetchOlder(server.request), hallway.fetchOlder(server.request)]);
  assert.deepEqual([seqs(hallway)[0], hallway.hasOlder], [8, true]);
  await hallway.fetchOlder(server.request);
  assert.equal(hallway.hasOlder, false);
  assert.deepEqual(
    seqs(hallway),
    Array.from({ length: 60 }, (_, at) => at + 1),
  );
});

test("history that was asked for before a reset is not put over what came after it", async () => {
  const { server, hallway } = await enter(60);
  const page = hallway.fetchOlder(server.request);
  hallway.load({
    rev: 90,
    items: [message(90)],
    older: true,
    room: hallway.room,
    members: [],
    reads: {},
    last_read: 0,
  });
  await page;
  assert.deepEqual(seqs(hallway), [90]);
});

test("an open room does not grow for ever", async () => {
  const { openRooms, hallway } = await enter(5);
  for (let rev = 6; rev < 3_000; rev += 1) {
    openRooms.receive(live(rev));
    hallway.letGo();
  }
  assert.ok(hallway.stream.items.size <= 1_500);
  assert.equal(hallway.hasOlder, true);
});

/** @param {number} rev @param {string} kind @param {string} id of whom it tells */
const told = (rev, kind, id) => ({
  room: "hallway",
  prev: rev - 1,
  rev,
  items: [message(rev, { room: "hallway", system: { kind, user: id, member: member(id) } })],
});

/** @param {string} id */
const member = (id) => ({
  id,
  username: id,
  name: id,
  role: /** @type {const} */ ("member"),
  state: /** @type {const} */ ("online"),
});

test("who comes and goes is told of, and nobody asks for the room again", async () => {
  const { server, openRooms, hallway, clock } = await enter();
  /** @type {string[]} */
  const came = [];
  hallway.on("members", (members) => came.push(...members.map(({ id }) => id)));
  server.asked = [];
  for (let n = 0; n < 50; n += 1) openRooms.receive(told(6 + n, "joined", `u-${n}`));
  openRooms.receive(told(56, "left", "u-7"));
  openRooms.receive(told(57, "invited", "u-7"));
  openRooms.receive(told(58, "removed", "u-8"));
  await clock.pass(60_000);
  assert.deepEqual(server.asked, []);
  assert.deepEqual([came.length, hallway.members.length], [51, 49]);
  assert.equal(hallway.members.at(-1)?.id, "u-7");
});

test("an old entry that is changed, or has no member, changes no member list", async () => {
  const { openRooms, hallway } = await enter();
  openRooms.receive(told(6, "joined", "u-1"));
  openRooms.receive(told(7, "left", "u-1"));
  const [joined] = told(6, "joined", "u-1").items;
  const reacted = /** @type {Message} */ ({ ...joined, rev: 8 });
  openRooms.receive({ room: "hallway", prev: 7, rev: 8, items: [reacted] });
  const old = message(9, { room: "hallway", system: { kind: "joined", user: "u-2" } });
  openRooms.receive({ room: "hallway", prev: 8, rev: 9, items: [old] });
  assert.deepEqual(hallway.members, []);
});

test("how far others have read only grows", async () => {
  const { hallway } = await enter();
  hallway.readBy({ [ana.id]: 4 });
  hallway.readBy({ [ana.id]: 2 });
  assert.equal(hallway.reads[ana.id], 4);
});
