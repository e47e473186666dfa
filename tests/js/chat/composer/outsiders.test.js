/** Mentions of people who are not in the room. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { writtenNames } from "../../../../static/js/chat/composer/mentions.js";
import { Outsiders } from "../../../../static/js/chat/composer/outsiders.js";
import { ana, ben, room } from "../../fakes.js";

/** @import { FoundPerson, Member } from "../../../../static/js/chat/types.d.ts" */

/** @param {string} username @param {boolean} [member] @returns {FoundPerson} */
const person = (username, member = false) => ({
  id: `u-${username}`,
  username,
  name: username.toUpperCase(),
  member,
});
const MEMBERS = /** @type {Member[]} */ ([
  { ...ana, role: "member", state: "online" },
  { ...ben, role: "member", state: "online" },
]);
const SERVER = [person("cleo"), person("cleopatra"), person("dan"), person("eve", true)];

/** @param {string[]} asked */
function find(asked) {
  return async (/** @type {string} */ letters) => {
    asked.push(letters);
    return SERVER.filter(({ username }) => username.startsWith(letters));
  };
}

/** @param {string} text @param {Partial<import("../../../../static/js/chat/types.d.ts").Room>} [more] */
async function outsidersAfter(text, more) {
  const outsiders = new Outsiders();
  /** @type {string[]} */
  const asked = [];
  await outsiders.sent(room(more), text, MEMBERS, find(asked));
  return { outsiders, asked, names: outsiders.in("r-1").map(({ username }) => username) };
}

test("people outside are found by their whole name", async () => {
  const { names, asked } = await outsidersAfter("hi @ben, @cleo, @cleo. and @Dan: @cle");
  assert.deepEqual(asked, ["cleo", "dan", "cle"]);
  assert.deepEqual(names, ["cleo", "dan"]);
});

test("members, groups, strangers and names in code are no outsiders", async () => {
  const { names, asked } = await outsidersAfter(
    "@ben @here @everyone @nobody @eve `@dan` a@cleo.example",
  );
  assert.deepEqual(asked, ["nobody", "eve"]);
  assert.deepEqual(names, []);
});

test("nobody is asked about in a direct conversation, an archived room, or for a long list", async () => {
  assert.deepEqual((await outsidersAfter("@cleo", { kind: "direct" })).names, []);
  assert.deepEqual((await outsidersAfter("@cleo", { archived: true })).names, []);
  const many = Array.from({ length: 30 }, (_, n) => `@name${n}`).join(" ");
  assert.equal((await outsidersAfter(many)).asked.length, 5);
});

test("each stands there once, until they come or are dismissed", async () => {
  const { outsiders } = await outsidersAfter("@cleo and @dan");
  await outsiders.sent(room(), "@cleo", MEMBERS, find([]));
  assert.equal(outsiders.in("r-1").length, 2);
  let changes = 0;
  outsiders.on("changed", () => {
    changes += 1;
  });
  outsiders.drop("r-1", ["u-cleo", "u-ana"]);
  outsiders.drop("r-1", ["u-cleo"]);
  assert.deepEqual([changes, outsiders.in("r-1").map(({ id }) => id)], [1, ["u-dan"]]);
});

test("marks at the end of a name belong to the sentence", () => {
  assert.deepEqual(writtenNames("@ben. @Ben_ @a.b- and @ben"), ["ben", "a.b"]);
});
