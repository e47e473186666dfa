/** The rows of a conversation and their order. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { continues, rows, seenBy } from "../../../../static/js/chat/messages/message_rows.js";

/** @import { Message, Pending } from "../../../../static/js/chat/types.d.ts" */

const ANA = { id: "ana", name: "Ana Lind", username: "ana", role: /** @type {const} */ ("member") };
const BEN = { id: "ben", name: "Ben Okafor" };
const OPTIONS = {
  dayKey: (/** @type {string} */ at) => at.slice(0, 10),
  me: "ana",
  newAfter: null,
};

/** @param {number} seq @param {Partial<Message>} [given] @returns {Message} */
function message(seq, given = {}) {
  const at = `2025-03-04T10:00:${String(seq % 60).padStart(2, "0")}.000Z`;
  const content = { text: `m${seq}`, html: `<p>m${seq}</p>`, mentions: [], reactions: {} };
  return { id: `m${seq}`, room: "hallway", seq, rev: seq, at, by: BEN, ...content, ...given };
}

/** @param {string} text @returns {Pending} */
function pending(text) {
  const at = "2025-03-04T10:01:00.000Z";
  return { client_id: text, text, at, state: "sending", by: ANA };
}

/** @param {ReturnType<typeof rows>} shown */
function words(shown) {
  return shown.map((row) => (row.kind === "entry" ? row.entry.text : row.kind));
}

test("a day line stands before the first message of each day", () => {
  const items = [message(1, { at: "2025-03-03T23:59:00Z" }), message(2), message(3)];
  assert.deepEqual(words(rows(items, [], OPTIONS)), ["day", "m1", "day", "m2", "m3"]);
});

test("what is on its way stands after everything committed", () => {
  assert.deepEqual(words(rows([message(1)], [pending("a"), pending("b")], OPTIONS)), [
    "day",
    "m1",
    "a",
    "b",
  ]);
});

test("the New line stands before the first unread message of another, not before my own", () => {
  const items = [message(1), message(2, { by: ANA }), message(3), message(4)];
  const shown = rows(items, [], { ...OPTIONS, newAfter: 1 });
  assert.deepEqual(words(shown), ["day", "m1", "m2", "new", "m3", "m4"]);
});

test("the message under the New line shows its author again", () => {
  const shown = rows([message(1), message(2)], [], { ...OPTIONS, newAfter: 1 });
  const last = shown[shown.length - 1];
  assert.equal(last?.kind === "entry" && last.isContinued, false);
});

test("the same author within five minutes is continued; later, another, or a reply is not", () => {
  assert.equal(continues(message(1), message(2)), true);
  assert.equal(continues(message(1), message(2, { at: "2025-03-04T10:06:00Z" })), false);
  assert.equal(continues(message(1), message(2, { by: ANA })), false);
  assert.equal(continues(message(1), message(2, { reply_to: "m1" })), false);
  assert.equal(continues(message(1, { system: { kind: "joined" } }), message(2)), false);
});

test("seen by names neither me nor the author, and only who read to the end", () => {
  const members = [ANA, BEN, { id: "cleo", name: "Cleo" }, { id: "dana", name: "Dana" }];
  const reads = { ana: 5, ben: 5, cleo: 5, dana: 4 };
  assert.deepEqual(seenBy(message(5), reads, members, "ana"), ["Cleo"]);
});
