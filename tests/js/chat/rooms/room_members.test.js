/** The members of an open room, of which a very large one holds some only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { HELD, RoomMembers } from "../../../../static/js/chat/rooms/room_members.js";
import { message } from "../../fakes.js";

/** @import { Member, PresenceState } from "../../../../static/js/chat/types.d.ts" */

/** @param {string} id @returns {Member} */
function member(id, state = /** @type {PresenceState} */ ("offline")) {
  return { id, username: id, name: id.toUpperCase(), role: "member", state };
}

/** @param {number} seq @param {string} kind @param {string} user */
const change = (seq, kind, user) =>
  message(seq, { system: { kind, user, member: member(user, "online") } });

const LARGE = { member_count: 300, members_rev: 7, online: 20 };

test("without members in an answer those that are held stay", () => {
  const people = new RoomMembers();
  people.take({ members: [member("a"), member("b")], ...LARGE });
  assert.deepEqual([people.isPart, people.isLarge, people.held], [true, true, { members_rev: 7 }]);
  const told = people.take({ ...LARGE, member_count: 299, online: 19 });
  // Of a large room their states are those of before.
  assert.deepEqual([told, people.list.length, people.count, people.online], [[], 2, 299, 19]);
});

test("a small room whose members did not change has the states of its list again", () => {
  const people = new RoomMembers();
  people.take({ members: [member("a", "online")], member_count: 1, members_rev: 5 });
  assert.deepEqual(people.take({ member_count: 1, members_rev: 5 }), [member("a", "online")]);
  assert.equal(people.isLarge, false);
});

test("an older server and an old copy say nothing of a count", () => {
  const people = new RoomMembers();
  people.take({ members: [member("a"), member("b")] });
  assert.deepEqual([people.count, people.isPart, people.held], [2, false, {}]);
});

test("those who come and go are counted, and held while there is room", () => {
  const people = new RoomMembers();
  people.take({ members: [member("a")], ...LARGE });
  people.follow([change(5, "joined", "b"), change(6, "left", "stranger"), change(7, "left", "a")]);
  assert.deepEqual([people.list.map(({ id }) => id), people.count], [["b"], 299]);
  const full = Array.from({ length: HELD }, (_, at) => member(`m${at}`));
  people.take({ members: full, ...LARGE });
  assert.equal(people.follow([change(8, "invited", "c")])?.length, 1);
  assert.deepEqual([people.list.length, people.count], [HELD, 301]);
  assert.equal(people.follow([message(9)]), null);
});

test("names are known of people who are not held", () => {
  const people = new RoomMembers();
  people.take({ members: [member("a")], ...LARGE });
  people.named({ z: "Zoe" });
  people.learn([{ id: "a", name: "Ana", state: "away" }]);
  people.renamed(new Map([["z", "Zora"]]));
  assert.deepEqual(
    [people.nameOf("z"), people.nameOf("a"), people.nameOf("x")],
    ["Zora", "Ana", undefined],
  );
  assert.equal(people.list[0]?.state, "away");
});
