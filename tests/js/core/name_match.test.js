import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  INSIDE,
  matchScore,
  NAME_START,
  SCATTERED,
  WORD_START,
} from "../../../static/js/core/name_match.js";

/** The table that the server's tests read too. @type {[string, string, string | null][]} */
const table = JSON.parse(
  readFileSync(new URL("../../name_matches.json", import.meta.url), "utf-8"),
);

test("names are found in every script, by the server's rule", () => {
  for (const [name, letters, place] of table) {
    const score = matchScore(name, letters);
    const found = { start: NAME_START, word: WORD_START, part: INSIDE }[place ?? ""];
    const about = `${name} by ${letters}: ${score}`;
    if (found) assert.equal(score, found, about);
    else assert.ok(score <= SCATTERED, about);
  }
});

test("jumping prefers the start of a name to a word in it to a part to scattered letters", () => {
  assert.deepEqual(
    ["hallway", "the hall", "shallow", "harbour all", "release"].map((name) =>
      matchScore(name, "#hal"),
    ),
    [NAME_START, WORD_START, INSIDE, SCATTERED, 0],
  );
});
