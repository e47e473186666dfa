/** Where the New line stands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { NewLine } from "../../../../static/js/chat/messages/new_line.js";
import { ana, message } from "../../fakes.js";

const HERE = { me: ana.id, hasFocus: true, isAtBottom: true };

test("a reader at the end needs no line", () => {
  const line = new NewLine();
  line.arrived([message(5)], HERE);
  assert.equal(line.after, null);
});

test("it stands before the first message that came while the reader was further up", () => {
  const line = new NewLine();
  const up = { ...HERE, isAtBottom: false };
  line.arrived([message(5, { by: ana }), message(6)], up);
  line.arrived([message(7)], up);
  assert.equal(line.after, 5);
});

test("it moves to the first message that came after the window lost the focus", () => {
  const line = new NewLine();
  const away = { ...HERE, hasFocus: false };
  line.after = 2;
  line.arrived([message(5)], away);
  line.arrived([message(6)], away);
  assert.equal(line.after, 4);
  line.returned();
  line.arrived([message(9)], away);
  assert.equal(line.after, 8);
});

test("what does not count brings no line", () => {
  const line = new NewLine();
  const up = { ...HERE, isAtBottom: false };
  line.arrived([message(5, { by: ana }), message(6, { system: { kind: "joined" } })], up);
  assert.equal(line.after, null);
});

test("it is not drawn where the first unread message is not held", () => {
  const line = new NewLine();
  assert.equal(line.drawnAfter(0), null);
  line.after = 5;
  assert.deepEqual([line.drawnAfter(5), line.drawnAfter(6)], [5, null]);
});
