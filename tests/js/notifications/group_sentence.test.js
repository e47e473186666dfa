import assert from "node:assert/strict";
import { test } from "node:test";
import { groupSentence } from "../../../static/js/notifications/group_sentence.js";
import { ben } from "../fakes.js";
import { notice } from "./fakes.js";

const cleo = { id: "u-cleo", name: "Cleo" };
const dana = { id: "u-dana", name: "Dana" };
const link = "/rooms/workshop";

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
