import assert from "node:assert/strict";
import { test } from "node:test";
import { nextIndex } from "../../../../static/js/core/ui/roving_focus.js";

test("arrow keys stop at the ends, other keys mean nothing", () => {
  assert.equal(nextIndex("ArrowDown", 2, 3), 2);
  assert.equal(nextIndex("ArrowUp", 0, 3), 0);
  assert.equal(nextIndex("ArrowDown", -1, 3), 0);
  assert.equal(nextIndex("End", 0, 3), 2);
  assert.equal(nextIndex("x", 0, 3), null);
  assert.equal(nextIndex("ArrowDown", 0, 0), null);
});
