import assert from "node:assert/strict";
import { test } from "node:test";
import {
  Calendar,
  initials,
  isolated,
  namesInLine,
  oneLine,
  quoted,
  tintAndPattern,
} from "../../../../static/js/core/ui/format.js";

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
  assert.equal(initials("😀 Ötzi"), "Ö");
  assert.equal(initials("🦊 Fox 👩🏽‍🚀"), "F");
  assert.equal(initials("🦊 🐢"), "🦊");
  assert.equal(initials("山田 太郎"), "山太");
  assert.equal(initials("  "), "?");
});

test("colour and pattern stay with an id, and neighbours in time differ", () => {
  const ids = Array.from(
    { length: 800 },
    (_, n) => `6b0542f65b1e67b161d4${(n + 4096).toString(16)}`,
  );
  const looks = ids.map(tintAndPattern);
  assert.deepEqual(looks, ids.map(tintAndPattern));
  assert.deepEqual(new Set(looks.map(({ tint }) => tint)).size, 10);
  assert.ok(
    looks.every(({ tint, pattern }) => tint >= 1 && tint <= 10 && pattern >= 1 && pattern <= 8),
  );
  // All pairs are there: two people with the same initials are rarely alike.
  assert.equal(new Set(looks.map(({ tint, pattern }) => `${tint} ${pattern}`)).size, 80);
});

test("a line keeps its most letters and never half a letter", () => {
  assert.equal(oneLine(" two\n lines "), "two lines");
  assert.equal(oneLine("Run\n```sh\nmake run\n```"), "Run make run");
  assert.equal(quoted("Run **this**:\n```sh\nmake run\n```"), "Run this: make run");
  assert.equal(oneLine("😀".repeat(20), 5), "😀😀😀😀…");
});

test("a quote has the words of a message without Markdown's marks", () => {
  const lines = [
    "# Plan",
    "> said",
    "- [x] `done`",
    "* **bold** ~~gone~~",
    "1. [docs](https://a.b/c)",
  ];
  assert.equal(quoted(lines.join("\n")), "Plan said done bold gone 1. docs");
  assert.equal(quoted("| a | b |\n|:--|--:|\n| 1 | 2 |"), "| a | b | | 1 | 2 |");
  assert.equal(quoted("2 - 1 = 1, #hallway, a*b*c, [x]"), "2 - 1 = 1, #hallway, a*b*c, [x]");
  assert.equal(quoted("**word** ".repeat(20), 9), "word wor…");
});

test("days are told from the reader's own midnight", () => {
  const now = new Date("2025-03-04T00:30:00Z");
  assert.equal(new Calendar("UTC").day("2025-03-03T23:30:00Z", now), "Yesterday");
  assert.equal(new Calendar("Europe/Berlin").day("2025-03-03T23:30:00Z", now), "Today");
});

test("an unknown time zone does not stop the page", () => {
  assert.match(new Calendar("Mars/Olympus").time("2025-03-04T10:00:00Z"), /\d\d:\d\d/);
});

test("the clock has 12 or 24 hours as one chooses", () => {
  const at = "2026-03-01T19:05:00.000Z";
  assert.match(new Calendar("UTC", "12").time(at), /^7:05\s?pm$/iu);
  assert.equal(new Calendar("UTC", "24").time(at), "19:05");
  assert.match(new Calendar("Asia/Tokyo", "24").time(at), /^0?4:05$/u);
});
