/** The words and small rules of the views that need no page. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { statusWords } from "../../../../static/js/chat/connection_status.js";
import { matchScore } from "../../../../static/js/core/name_match.js";
import {
  Calendar,
  counted,
  initials,
  isolated,
  namesInLine,
  oneLine,
  quoted,
  tint,
} from "../../../../static/js/core/ui/format.js";
import { nextIndex } from "../../../../static/js/core/ui/roving_focus.js";

test("names are joined as people say them, and cut where there are many", () => {
  assert.equal(namesInLine([]), "");
  assert.equal(namesInLine(["Ben"]), "Ben");
  assert.equal(namesInLine(["Ben", "Cleo", "Dana"]), "Ben, Cleo and Dana");
  assert.equal(namesInLine(["Ben", "Cleo", "Dana", "Emil", "Farah"]), "Ben, Cleo +3");
});

test("a name that runs from right to left moves nothing around it in a sentence", () => {
  assert.equal(isolated("דנה"), "\u2068דנה\u2069");
  assert.equal(isolated("Ana دانا"), "\u2068Ana دانا\u2069");
  for (const name of ["Ana", "Núñez", "田中", "ดานา", "👩‍💻"]) assert.equal(isolated(name), name);
});

test("initials are those of the first and the last name, whole letters only", () => {
  assert.equal(initials("Ana Maria Lind"), "AL");
  assert.equal(initials("ben"), "B");
  assert.equal(initials("😀 Ötzi"), "😀Ö");
  assert.equal(initials("  "), "?");
});

test("a tint is one of ten, stays with its id, and neighbours in time differ", () => {
  const ids = Array.from(
    { length: 200 },
    (_, n) => `6b0542f65b1e67b161d4${(n + 4096).toString(16)}`,
  );
  const tints = ids.map(tint);
  assert.deepEqual(tints, ids.map(tint));
  assert.ok(tints.every((each) => each >= 1 && each <= 10));
  assert.equal(new Set(tints).size, 10);
});

test("a line keeps its most letters and never half a letter", () => {
  assert.equal(oneLine(" two\n lines "), "two lines");
  assert.equal(oneLine("Run\n```sh\nmake run\n```"), "Run make run");
  assert.equal(quoted("Run **this**:\n```sh\nmake run\n```"), "Run this: make run");
  assert.equal(oneLine("😀".repeat(20), 5), "😀😀😀😀…");
});

test("days are told from the reader's own midnight", () => {
  const now = new Date("2025-03-04T00:30:00Z");
  assert.equal(new Calendar("UTC").day("2025-03-03T23:30:00Z", now), "Yesterday");
  assert.equal(new Calendar("Europe/Berlin").day("2025-03-03T23:30:00Z", now), "Today");
});

test("an unknown time zone does not stop the page", () => {
  assert.match(new Calendar("Mars/Olympus").time("2025-03-04T10:00:00Z"), /\d\d:\d\d/);
});

test("the banner speaks only while something is wrong", () => {
  const status = { retry_in_s: null, sending: 0 };
  assert.equal(statusWords({ ...status, phase: "connected" }).banner, "");
  assert.equal(statusWords({ ...status, phase: "connected", sending: 2 }).line, "Sending 2…");
  assert.equal(
    statusWords({ ...status, phase: "offline", sending: 3 }).banner,
    "Offline. 3 messages are kept and go out when you are back.",
  );
  assert.equal(
    statusWords({ ...status, phase: "offline", sending: 1 }).banner,
    "Offline. 1 message is kept and goes out when you are back.",
  );
  assert.match(statusWords({ ...status, phase: "reconnecting", retry_in_s: 3 }).banner, /in 3 s/);
});

test("arrow keys stop at the ends, other keys mean nothing", () => {
  assert.equal(nextIndex("ArrowDown", 2, 3), 2);
  assert.equal(nextIndex("ArrowUp", 0, 3), 0);
  assert.equal(nextIndex("ArrowDown", -1, 3), 0);
  assert.equal(nextIndex("End", 0, 3), 2);
  assert.equal(nextIndex("x", 0, 3), null);
  assert.equal(nextIndex("ArrowDown", 0, 0), null);
});

test("jumping prefers the start of a name to a word in it to scattered letters", () => {
  assert.deepEqual(
    ["hallway", "the hall", "harbour all", "release"].map((name) => matchScore(name, "#hal")),
    [3, 2, 1, 0],
  );
});

test("a count says one and many", () => {
  assert.equal(counted(1, "message"), "1 message");
  assert.equal(counted(2, "message"), "2 messages");
});
