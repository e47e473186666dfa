import assert from "node:assert/strict";
import { test } from "node:test";
import {
  groupMentionCount,
  matchingChoices,
  mentionAt,
  mentionChoices,
} from "../../../static/js/chat/composer/mentions.js";
import { groupSentence } from "../../../static/js/notifications/group_sentence.js";
import { groupNotifications } from "../../../static/js/notifications/grouping.js";
import { tomorrow } from "../../../static/js/notifications/snooze.js";
import { ana, ben } from "../fakes.js";
import { notice } from "./fakes.js";

/** @import { Member, PresenceState } from "../../../static/js/chat/types.d.ts" */

const cleo = { id: "u-cleo", name: "Cleo" };
const dana = { id: "u-dana", name: "Dana" };
const link = "/rooms/workshop";

test("unread ones of one kind stand together where the newest is, read ones by themselves", () => {
  const lines = groupNotifications([
    notice(5, { group: "w" }),
    notice(4),
    notice(3, { group: "w" }),
    notice(2, { group: "w", read: true }),
  ]);
  assert.deepEqual(
    lines.map(({ items }) => items.map(({ id }) => id)),
    [["n-5", "n-3"], ["n-4"], ["n-2"]],
  );
  assert.equal(
    lines[0]?.key,
    groupNotifications([notice(3, { group: "w" })])[0]?.key,
    "the key stays",
  );
});

test("a group says how many of what, where and from whom", () => {
  const of = (/** @type {{ id: string, name: string }[]} */ actors, category = "message") =>
    actors.map((actor, at) => notice(at + 1, { actor, category, link }));
  assert.equal(groupSentence(of([ben, ben])), "2 new messages in workshop from Ben");
  assert.equal(groupSentence(of([ben, cleo, ben])), "3 new messages in workshop from Ben and Cleo");
  assert.equal(groupSentence(of([ben, cleo, dana])), "3 new messages in workshop from 3 people");
  assert.equal(groupSentence(of([ben, ben], "direct")), "2 new messages from Ben");
});

test("a group of a program says what the program said", () => {
  const failed = { category: "ci", title: "Build failed", actor: undefined };
  assert.equal(groupSentence([notice(1, failed), notice(2, failed)]), "Build failed (2)");
  assert.equal(
    groupSentence([notice(1, failed), notice(2, { ...failed, title: "Build works" })]),
    "2 new notifications",
  );
});

test("a snooze until tomorrow ends at eight in the morning where the person lives", () => {
  const at = (/** @type {string} */ now, /** @type {string} */ zone) =>
    new Date(tomorrow(Date.parse(now), zone)).toISOString();
  assert.equal(at("2026-01-10T12:00:00Z", "UTC"), "2026-01-11T08:00:00.000Z");
  assert.equal(at("2026-01-10T16:30:00Z", "Asia/Tokyo"), "2026-01-11T23:00:00.000Z");
  assert.equal(at("2026-01-10T02:00:00Z", "America/New_York"), "2026-01-10T13:00:00.000Z");
  // The night in which the clocks go forward.
  assert.equal(at("2026-03-28T20:00:00Z", "Europe/Berlin"), "2026-03-29T06:00:00.000Z");
  assert.equal(at("2026-10-24T20:00:00Z", "Europe/Berlin"), "2026-10-25T07:00:00.000Z");
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
