import assert from "node:assert/strict";
import { test } from "node:test";
import { matchScore } from "../../../static/js/core/name_match.js";

test("jumping prefers the start of a name to a word in it to scattered letters", () => {
  assert.deepEqual(
    ["hallway", "the hall", "harbour all", "release"].map((name) => matchScore(name, "#hal")),
    [3, 2, 1, 0],
  );
});
