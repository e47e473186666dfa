import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import {
  groupMentionCount,
  mentionAt,
  mentionedNames,
} from "../../../../static/js/chat/composer/mentions.js";
import { ana, ben } from "../../fakes.js";

/** @import { Member } from "../../../../static/js/chat/types.d.ts" */

/** The table that the server's tests read too. @type {{ usernames: string[], texts: [string, string[]][] }} */
const table = JSON.parse(
  readFileSync(new URL("../../../chat/markup/mentions.json", import.meta.url), "utf-8"),
);

test("the composer finds the names that the server finds", () => {
  const usernames = new Set(table.usernames);
  for (const [text, mentioned] of table.texts)
    assert.deepEqual([...mentionedNames(text, usernames)], mentioned, text);
});

test("a name is completed where it would be a mention", () => {
  for (const before of ["", "hi ", "(", "交给", "_", "**", ".", "。", "ל"])
    assert.deepEqual(mentionAt(`${before}@b`, before.length + 2), {
      start: before.length,
      letters: "b",
    });
  for (const before of ["a", "é", "и", "a_", "a.", "/", "@", "\\"])
    assert.equal(mentionAt(`${before}@b`, before.length + 2), null, before);
});

test("a call inside Chinese text, emphasis or a sentence is asked about, one in code or a link is not", () => {
  /** @type {Member[]} */
  const members = [ana, ben].map((who) => ({
    ...who,
    username: who.name.toLowerCase(),
    role: "member",
    state: "online",
  }));
  for (const text of ["大家@everyone好", "_@here_", "@everyone.", "https://a.example/b。@here"])
    assert.equal(groupMentionCount(text, members, ana.id), 1, text);
  for (const text of ["``@everyone``", "~~~\n@here\n~~~", "https://a.example/@here", "a@here.org"])
    assert.equal(groupMentionCount(text, members, ana.id), 0, text);
});
