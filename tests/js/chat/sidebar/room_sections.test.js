import assert from "node:assert/strict";
import { test } from "node:test";
import { nextRoom } from "../../../../static/js/chat/sidebar/room_keys.js";
import { RoomSections, SECTIONS } from "../../../../static/js/chat/sidebar/room_sections.js";
import { ben, room } from "../../fakes.js";

/** @import { Arrangement } from "../../../../static/js/chat/sidebar/room_sections.js" */

/** @param {string} name @param {Partial<import("../../../../static/js/chat/types.d.ts").Room>} [more] */
const named = (name, more = {}) => room({ id: name, slug: name, name, ...more });

/** @param {Partial<Arrangement>} [chosen] @returns {Arrangement} */
function arranged(chosen = {}) {
  return { favourites: new Set(), muted: new Set(), places: new Map(), order: "name", ...chosen };
}

/** @param {RoomSections} sections */
function shown(sections) {
  const lists = SECTIONS.map((name) => [name, sections.list(name).map(({ id }) => id)]);
  return Object.fromEntries(lists.filter(([, ids]) => ids?.length));
}

test("each room stands in one section, by name", () => {
  const sections = new RoomSections();
  const rooms = [
    named("b10"),
    named("b2"),
    named("loud", { unread: 2 }),
    named("quiet", { unread: 2 }),
    named("fav", { unread: 1 }),
    named("d", { kind: "direct", with: ben }),
    named("old", { archived: true }),
  ];
  sections.reset(rooms, arranged({ favourites: new Set(["fav"]), muted: new Set(["quiet"]) }));
  assert.deepEqual(shown(sections), {
    favourites: ["fav"],
    unread: ["loud"],
    rooms: ["b2", "b10", "quiet"],
    direct: ["d"],
  });
});

test("the open room stays among the unread ones until another is opened", () => {
  const sections = new RoomSections();
  sections.reset([named("a"), named("b", { unread: 1 }), named("c", { unread: 1 })]);
  sections.open(named("b", { unread: 1 }));
  sections.put(named("b"));
  assert.deepEqual(shown(sections), { unread: ["b", "c"], rooms: ["a"] });
  assert.deepEqual(sections.open(named("c", { unread: 1 })), ["b", "c"]);
  sections.put(named("b"));
  assert.deepEqual(shown(sections), { unread: ["c"], rooms: ["a", "b"] });
});

test("the open room is unread once it is marked so, until it is read or another is opened", () => {
  const sections = new RoomSections();
  const marked = named("a", { unread: 2 });
  sections.reset([named("a"), named("b")]);
  sections.open(named("a"));
  assert.equal(sections.isUnread(marked), false);
  sections.markUnread("b");
  assert.equal(sections.isUnread(marked), false);
  sections.markUnread("a");
  sections.put(marked);
  assert.deepEqual(shown(sections), { unread: ["a"], rooms: ["b"] });
  sections.put(named("a"));
  assert.equal(sections.isUnread(named("a")), false);
  sections.markUnread("a");
  sections.open(named("a"));
  assert.equal(sections.isUnread(marked), false);
});

test("a change moves one room, and tells before which", () => {
  const sections = new RoomSections();
  sections.reset([named("a"), named("b"), named("c")]);
  assert.deepEqual(sections.put(named("b", { topic: "new" })), {
    section: "rooms",
    before: "c",
    moved: false,
  });
  assert.deepEqual(sections.put(named("b", { unread: 1 })), {
    section: "unread",
    before: null,
    moved: true,
  });
  assert.deepEqual(sections.put(named("b")), { section: "rooms", before: "c", moved: true });
  sections.remove("b");
  assert.deepEqual(shown(sections), { rooms: ["a", "c"] });
});

test("the newest activity comes first where the person wants it so", () => {
  const sections = new RoomSections();
  const at = (/** @type {number} */ day) => ({ active_at: `2026-01-0${day}T00:00:00.000Z` });
  const rooms = [named("a", at(1)), named("b", at(3)), named("c"), named("d", at(2))];
  sections.reset(rooms, arranged({ order: "activity" }));
  assert.deepEqual(shown(sections), { rooms: ["b", "d", "a", "c"] });
  sections.put(named("c", at(4)));
  assert.deepEqual(shown(sections), { rooms: ["c", "b", "d", "a"] });
});

test("a room that is put before another keeps all others in their order", () => {
  const sections = new RoomSections();
  sections.reset([named("a"), named("b", { unread: 1 }), named("c"), named("d")]);
  const places = sections.orderWith("d", "a", "rooms");
  assert.deepEqual(places, ["d", "a", "b", "c"]);
  assert.deepEqual(sections.orderWith("a", null, "rooms"), ["b", "c", "d", "a"]);
  const own = arranged({ order: "own", places: new Map(places.map((id, at) => [id, at])) });
  sections.reset([named("a"), named("b"), named("c"), named("d"), named("aa")], own);
  assert.deepEqual(shown(sections), { rooms: ["d", "a", "b", "c", "aa"] });
});

test("a change among two thousand rooms costs a few comparisons", () => {
  const sections = new RoomSections();
  const rooms = Array.from({ length: 2_000 }, (_, n) => named(`room ${n}`));
  sections.reset(rooms);
  let looks = 0;
  const counting = new Proxy(/** @type {object} */ (named("room 1000", { unread: 1 })), {
    get: (target, key) => {
      looks += key === "kind" ? 1 : 0;
      return Reflect.get(target, key);
    },
  });
  sections.put(/** @type {import("../../../../static/js/chat/types.d.ts").Room} */ (counting));
  assert.equal(sections.sectionOf("room 1000"), "unread");
  assert.ok(looks < 50, `${looks} comparisons`);
});

test("the next room is the one below, without an end, or the next that is wanted", () => {
  const rooms = [named("a"), named("b"), named("c", { unread: 1 })];
  assert.equal(nextRoom(rooms, "a", 1)?.id, "b");
  assert.equal(nextRoom(rooms, "a", -1)?.id, "c");
  assert.equal(nextRoom(rooms, "c", 1)?.id, "a");
  assert.equal(nextRoom(rooms, null, -1)?.id, "c");
  assert.equal(nextRoom(rooms, null, 1)?.id, "a");
  assert.equal(nextRoom(rooms, "a", -1, ({ unread }) => unread > 0)?.id, "c");
  assert.equal(
    nextRoom(rooms, "c", 1, ({ unread }) => unread > 0),
    null,
  );
});
