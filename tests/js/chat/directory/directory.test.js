import assert from "node:assert/strict";
import { test } from "node:test";
import { withOthers } from "../../../../static/js/chat/composer/mentions.js";
import { ranked } from "../../../../static/js/chat/directory/directory.js";
import { ana, ben } from "../../fakes.js";

/** @param {string} name @param {object} [more] @returns {any} */
const candidate = (name, more = {}) => ({
  id: name,
  title: name,
  names: [name],
  weight: 0,
  ...more,
});

/** @param {any[]} candidates @param {string} letters @param {string[]} [found] */
function order(candidates, letters, found = []) {
  return ranked(candidates, letters, new Set(found)).map(({ id }) => id);
}

test("the better match comes first, then the nearer one", () => {
  const far = candidate("Annabel");
  const near = candidate("Annika", { weight: 3 });
  const word = candidate("Joe Anner", { weight: 9 });
  const inside = candidate("Joanna", { weight: 9 });
  assert.deepEqual(order([inside, word, far, near], "ann"), [
    "Annika",
    "Annabel",
    "Joe Anner",
    "Joanna",
  ]);
});

test("each is shown once, and those that the server found match", () => {
  const here = candidate("Ben");
  assert.deepEqual(order([here, candidate("Ben")], "be"), ["Ben"]);
  assert.deepEqual(order([candidate("Zoe")], "be"), []);
  assert.deepEqual(order([candidate("Zoe")], "be", ["Zoe"]), ["Zoe"]);
});

test("without letters all are shown, the nearest first", () => {
  assert.deepEqual(order([candidate("a"), candidate("b", { weight: 3 })], ""), ["b", "a"]);
});

test("people who are not in the room are offered behind those who are, and marked", () => {
  const member = { username: ben.username, name: ben.name, state: /** @type {const} */ ("online") };
  const others = [{ ...ben, member: true }, { ...ana }];
  const [first, second, ...rest] = withOthers([member], others);
  assert.deepEqual(first, member);
  assert.deepEqual(second, {
    username: "ana",
    name: "Ana",
    state: "offline",
    note: "not in this room",
  });
  assert.deepEqual(rest, []);
});
