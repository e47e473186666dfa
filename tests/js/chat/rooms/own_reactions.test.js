/** My reaction stays mine where a live message names others only. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { countOf, keepMine, withMine } from "../../../../static/js/chat/rooms/own_reactions.js";
import { message } from "../../fakes.js";

const CUT = { reactions: { "👍": ["x", "y"] }, reaction_counts: { "👍": 90 } };

test("I am kept among those who reacted", () => {
  const before = message(1, { reactions: { "👍": ["me", "x"] } });
  assert.deepEqual(keepMine(message(2, CUT), before, "me").reactions, { "👍": ["x", "y", "me"] });
  assert.equal(countOf(keepMine(message(2, CUT), before, "me"), "👍"), 90);
});

test("where all are named, the server's word holds", () => {
  const before = message(1, { reactions: { "👍": ["me"] } });
  const now = message(2, { reactions: { "👍": ["x"] } });
  assert.equal(keepMine(now, before, "me"), now);
  assert.equal(keepMine(message(2, CUT), undefined, "me").reactions["👍"]?.length, 2);
  assert.equal(countOf(now, "👍"), 1);
});

test("an acknowledged reaction is added, or taken back", () => {
  const added = withMine(message(1, CUT), "👍", "me", true);
  assert.deepEqual(added.reactions["👍"], ["x", "y", "me"]);
  assert.deepEqual(withMine(added, "👍", "me", false).reactions["👍"], ["x", "y"]);
});
