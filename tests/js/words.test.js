import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { outsideWords } from "./outside_words.js";

const ROOT = new URL("../../static/js/", import.meta.url);

/** Names, code and examples that are the same in every language. */
const SAME_EVERYWHERE = new Set([
  ...["CSV", "JSON", "Parley", "ben", "WebSocket"],
  // The command that sends an event.
  "  -H 'Content-Type: application/json' \\",
]);
/** Classes, media queries, kinds and SVG, which look like words. */
const MARKUP =
  /^(?:<|curl |\(prefers-|not all$|no topic$|\{\} ms$|(?:button|icon|inbox-item) \{\}$|20px |small |person is-)/u;

for (const name of readdirSync(ROOT, { recursive: true, encoding: "utf8" }).sort()) {
  if (!name.endsWith(".js")) continue;
  test(`every word of ${name} goes through the catalogues`, () => {
    const words = outsideWords(readFileSync(new URL(name, ROOT), "utf8"))
      .filter(({ text }) => !SAME_EVERYWHERE.has(text) && !MARKUP.test(text))
      .map(({ line, text }) => `line ${line}: ${text}`);
    assert.deepEqual(words, []);
  });
}

test("sheets have no words, which no catalogue would reach", () => {
  const CSS = new URL("../../static/css/", import.meta.url);
  const sheets = readdirSync(CSS, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".css"),
  );
  const words = sheets.filter((name) =>
    /content:\s*"[^"]*\p{L}{2}/u.test(readFileSync(new URL(name, CSS), "utf8")),
  );
  assert.deepEqual(words, []);
});

test("words are found where people read them", () => {
  const found = (/** @type {string} */ source) => outsideWords(source).map(({ text }) => text);
  assert.deepEqual(found('el("p.muted", "joined")'), ["joined"]);
  assert.deepEqual(found('el("a", { title: isMine ? "yours" : "theirs" })'), ["yours", "theirs"]);
  assert.deepEqual(found(["note.textContent = `$", "{n} left`"].join("")), ["{} left"]);
  assert.deepEqual(found('const WHY = "This can\'t be sent now."'), ["This can't be sent now."]);
  assert.deepEqual(found('confirm({ action: "Leave" })'), ["Leave"]);
});

test("code and translated words are passed over", () => {
  const source = `
    import { t } from "./Some words.js";
    if (event.key === "Enter") root.querySelector("ul > li.one two");
    throw new Error("The template has no such part.");
    el("p.muted", t("Some words"), tn("one", "many", n));
  `;
  assert.deepEqual(outsideWords(source), []);
});
