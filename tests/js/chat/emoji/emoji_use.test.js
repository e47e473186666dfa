import assert from "node:assert/strict";
import { test } from "node:test";
import { EmojiUse } from "../../../../static/js/chat/emoji/emoji_use.js";
import { Preferences } from "../../../../static/js/core/preferences.js";

function person() {
  const preferences = new Preferences({ values: {}, save: null });
  return { preferences, use: new EmojiUse(preferences) };
}

/** @param {{ symbol: string }[]} emoji */
const symbols = (emoji) => emoji.map(({ symbol }) => symbol).join("");

test("the usual ones come first until others are used more", () => {
  const { use } = person();
  assert.equal(symbols(use.top(3)), "👍❤️😂");
  use.note("🐛");
  use.note("🐛");
  use.note("👀");
  assert.equal(symbols(use.top(4)), "🐛👀👍❤️");
  assert.equal(symbols(use.recent(9)), "👀🐛");
  assert.deepEqual(use.recent(1), [{ symbol: "👀", name: "looking" }]);
});

test("habits change", () => {
  const { use } = person();
  for (let n = 0; n < 100; n += 1) use.note("🐛");
  for (let n = 0; n < 80; n += 1) use.note("🎉");
  assert.equal(symbols(use.top(2)), "🎉🐛");
});

test("they are bounded, and kept with the skin tone among the preferences", () => {
  const { use, preferences } = person();
  use.tone = 4;
  for (let n = 0; n < 100; n += 1) use.note(String.fromCodePoint(0x1f600 + n));
  assert.equal(use.recent(100).length, 60);
  assert.equal(preferences.get("emoji_recent").length, 60);
  assert.equal(preferences.get("emoji_skin_tone"), 4);
});
