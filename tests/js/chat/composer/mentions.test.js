import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  groupMentionCount,
  matchingChoices,
  mentionAt,
  mentionChoices,
  mentionedNames,
} from "../../../../static/js/chat/composer/mentions.js";
import { ana, ben } from "../../fakes.js";

/** @import { Member, PresenceState } from "../../../../static/js/chat/types.d.ts" */

const cleo = { id: "u-cleo", name: "Cleo" };
const dana = { id: "u-dana", name: "Dana" };

/** The table that the server's tests read too. @type {{ usernames: string[], texts: [string, string[]][] }} */
const table = JSON.parse(
  readFileSync(new URL("../../../chat/markup/mentions.json", import.meta.url), "utf-8"),
);

test("the composer finds the names that the server finds", () => {
  const usernames = new Set(table.usernames);
  for (const [text, mentioned] of table.texts)
    assert.deepEqual([...mentionedNames(text, usernames)], mentioned, text);
});

test("a name is completed where it would be a mention", () => {
  for (const before of ["", "hi ", "(", "交给", "_", "**", ".", "。", "ל"])
    assert.deepEqual(mentionAt(`${before}@b`, before.length + 2), {
      start: before.length,
      letters: "b",
    });
  for (const before of ["a", "é", "и", "a_", "a.", "/", "@", "\\"])
    assert.equal(mentionAt(`${before}@b`, before.length + 2), null, before);
});

test("a call inside Chinese text, emphasis or a sentence is asked about, one in code or a link is not", () => {
  /** @type {Member[]} */
  const members = [ana, ben].map((who) => ({
    ...who,
    username: who.name.toLowerCase(),
    role: "member",
    state: "online",
  }));
  for (const text of ["大家@everyone好", "_@here_", "@everyone.", "https://a.example/b。@here"])
    assert.equal(groupMentionCount(text, members, ana.id), 1, text);
  for (const text of ["``@everyone``", "~~~\n@here\n~~~", "https://a.example/@here", "a@here.org"])
    assert.equal(groupMentionCount(text, members, ana.id), 0, text);
});

test("a name begins at an @ that stands for itself", () => {
  assert.deepEqual(mentionAt("hi @be", 6), { start: 3, letters: "be" });
  assert.deepEqual(mentionAt("@", 1), { start: 0, letters: "" });
  assert.deepEqual(mentionAt("(@ben", 5), { start: 1, letters: "ben" });
  assert.deepEqual(mentionAt("@be and more", 3), { start: 0, letters: "be" });
  for (const text of ["ana@be", "x.@be", "@be ", "/@be", "no name"])
    assert.equal(mentionAt(text, text.length), null, text);
});

/** @param {{ id: string, name: string }} person @param {PresenceState} state @returns {Member} */
const member = ({ id, name }, state = "online") => ({
  id,
  name,
  username: name.toLowerCase(),
  role: "member",
  state,
});

test("who is here is offered first, then everybody at once; never oneself", () => {
  const members = [member(ana), member(ben, "offline"), member(cleo), member(dana, "away")];
  const names = mentionChoices(members, ana.id).map(({ username }) => username);
  assert.deepEqual(names, ["cleo", "dana", "ben", "here", "everyone"]);
  assert.deepEqual(
    mentionChoices([member(ana), member(ben)], ana.id).length,
    1,
    "two need no call",
  );
});

test("letters find a username and each part of a name", () => {
  const choices = [
    { username: "bo", name: "Ben Okafor" },
    { username: "everyone", name: "all 12 people in this room" },
  ];
  const found = (/** @type {string} */ letters) =>
    matchingChoices(choices, letters).map((c) => c.username);
  assert.deepEqual(found("oka"), ["bo"]);
  assert.deepEqual(found("eve"), ["everyone"]);
  assert.deepEqual(found("zz"), []);
  assert.deepEqual(found("bkr"), [], "letters strewn over a name are no name");
});

test("a call counts those it reaches, and not where it is quoted as code", () => {
  const members = [member(ana), member(ben), member(cleo, "offline")];
  const count = (/** @type {string} */ text) => groupMentionCount(text, members, ana.id);
  assert.equal(count("@everyone: lunch"), 2);
  assert.equal(count("hi @Here"), 1);
  assert.equal(count("write `@everyone` or\n```\n@here\n```"), 0);
  assert.equal(count("mail me@here, @hereafter, @everyones"), 0);
});
