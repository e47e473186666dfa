import assert from "node:assert/strict";
import { test } from "node:test";
import { emojiOf, newestShown } from "../../../../static/js/chat/emoji/emoji_data.js";
import {
  closedCodeAt,
  emojiByCode,
  findEmoji,
  inTone,
  shortcodeAt,
} from "../../../../static/js/chat/emoji/emoji_search.js";

const ALL = [
  emojiOf(["😀", 0, "grinning face", "grinning", "cheerful happy smile", 1]),
  emojiOf(["🎉", 6, "party popper", "tada", "celebrate party hooray", 0.6]),
  emojiOf([
    "👍",
    1,
    "thumbs up",
    "+1 thumbsup",
    "good yes",
    0.6,
    ["👍🏻", "👍🏼", "👍🏽", "👍🏾", "👍🏿"],
  ]),
  emojiOf(["🥳", 0, "Partygesicht", "partying_face", "feier lächeln", 11]),
];

/** @param {string} letters */
function found(letters) {
  return findEmoji(ALL, letters, 8).map(({ symbol }) => symbol);
}

test("emoji are found by shortcode, name and word, the best first", () => {
  assert.deepEqual(found("tada"), ["🎉"]);
  assert.deepEqual(found(":tada:"), ["🎉"]);
  assert.deepEqual(found("party"), ["🥳", "🎉"]);
  assert.deepEqual(found("happy"), ["😀"]);
  assert.deepEqual(found("up thumbs"), ["👍"]);
  assert.deepEqual(found("+1"), ["👍"]);
  assert.deepEqual(found("LÄCH"), ["🥳"]);
  assert.deepEqual(found("👍🏽"), ["👍"]);
  assert.deepEqual(found(" "), []);
  assert.deepEqual(found("xyz"), []);
});

test("a shortcode begins at a colon outside of words and code, with two letters", () => {
  const at = (/** @type {string} */ text) => shortcodeAt(text, text.length)?.letters ?? null;
  assert.equal(at("hi :ta"), "ta");
  assert.equal(at(":lä"), "lä");
  for (const text of ["hi :t", ":)", "10:30", "std::ve", "\\:ta", "`:ta", "```\n:ta", ":ta da", ""])
    assert.equal(at(text), null, text);
  assert.equal(at("`code` :ta"), "ta");
  assert.equal(at("```\ncode\n```\n:ta"), "ta");
});

test("a shortcode is closed by its second colon", () => {
  assert.deepEqual(closedCodeAt("hi :tada:", 9), { start: 3, code: "tada" });
  assert.equal(closedCodeAt("1:100:", 6), null);
  assert.equal(closedCodeAt("`:tada:", 7), null);
  assert.equal(emojiByCode(ALL, "thumbsup")?.symbol, "👍");
  assert.equal(emojiByCode(ALL, "thumbs"), undefined);
});

test("a skin tone is for those who have one", () => {
  const [grin, , thumb] = ALL;
  assert.ok(grin && thumb);
  assert.equal(inTone(thumb, 0), "👍");
  assert.equal(inTone(thumb, 3), "👍🏽");
  assert.equal(inTone(grin, 3), "😀");
});

test("emoji without a picture on the device are left out", () => {
  const shown = (/** @type {string[]} */ ...missing) =>
    newestShown((text) => (missing.includes(text) ? 12 : 25));
  assert.equal(shown(), Number.POSITIVE_INFINITY);
  assert.ok(shown("\u{1fae9}", "\u{1faea}") < 16);
  assert.ok(shown("\u{1fae9}", "\u{1faea}") > 15.1);
});
