/** Which messages are folded, and lines about people who came and went as one. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isLong } from "../../../../static/js/chat/messages/long_text.js";
import { membershipSentence } from "../../../../static/js/chat/messages/membership_fold.js";
import { rows } from "../../../../static/js/chat/messages/message_rows.js";
import { ana, ben, message } from "../../fakes.js";

/** @param {number} seq @param {string} kind @param {string} name @param {{ id: string, name: string }} [by] */
function line(seq, kind, name, by = { id: name, name }) {
  const member = /** @type {any} */ ({ id: name, name });
  return message(seq, { by, system: { kind, user: name, member } });
}

test("thirty lines, or twenty of code, are shown whole; more are folded", () => {
  const lines = (/** @type {number} */ count) => "a line\n".repeat(count);
  assert.equal(isLong(lines(30)), false);
  assert.equal(isLong(lines(31)), true);
  assert.equal(isLong(`\`\`\`\n${lines(20)}\`\`\``), false);
  assert.equal(isLong(`\`\`\`\n${lines(21)}\`\`\`\nand so on`), true);
  assert.equal(isLong(`~~~\n${lines(22)}`), true);
  assert.equal(isLong("word ".repeat(2_000)), true);
});

test("many who joined are one sentence with two names", () => {
  const names = Array.from({ length: 497 }, (_, n) => `p${n}`);
  const lines = names.map((name, at) => line(at + 1, "joined", name));
  assert.equal(membershipSentence(lines.slice(0, 1)), "p0 joined");
  assert.equal(membershipSentence(lines.slice(0, 3)), "p0, p1 and p2 joined");
  assert.equal(membershipSentence(lines.slice(0, 4)), "p0, p1 and 2 others joined");
  assert.equal(membershipSentence(lines), "p0, p1 and 495 others joined");
});

test("coming, going and being added are told apart; somebody who came twice is named once", () => {
  const lines = [
    line(1, "joined", "cleo"),
    line(2, "left", "cleo"),
    line(3, "joined", "cleo"),
    line(4, "invited", "dana", ana),
    line(5, "invited", "emil", ben),
    line(6, "removed", "emil", ben),
  ];
  assert.equal(
    membershipSentence(lines),
    "cleo joined · cleo left · Ana added dana · Ben added emil · Ben removed emil",
  );
});

test("only lines that stand together are folded, and the New line never stands before them", () => {
  const items = [
    message(1),
    line(2, "joined", "cleo"),
    line(3, "joined", "dana"),
    message(4),
    line(5, "left", "dana"),
    message(6, { system: { kind: "renamed" } }),
  ];
  const dayKey = () => "today";
  const shown = (/** @type {any} */ more) =>
    rows(items, [], { dayKey, me: ana.id, newAfter: null, ...more }).map((row) =>
      row.kind === "entry" && "seq" in row.entry ? row.entry.seq : row.kind,
    );
  assert.deepEqual(shown({}), ["day", 1, "fold", 4, 5, 6]);
  assert.deepEqual(shown({ newAfter: 1 }), ["day", 1, "fold", "new", 4, 5, 6]);
  assert.deepEqual(shown({ newAfter: 4 }), ["day", 1, "fold", 4, 5, 6]);
  const isUnfolded = (/** @type {string} */ id) => id === "m-3";
  assert.deepEqual(shown({ isUnfolded }), ["day", 1, "fold", 2, 3, 4, 5, 6]);
});
