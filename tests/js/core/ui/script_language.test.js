import assert from "node:assert/strict";
import { test } from "node:test";
import { languageOf } from "../../../../static/js/core/ui/script_language.js";

test("kana tell Japanese, Hangul tells Korean", () => {
  assert.equal(languageOf("山田さん、直りました"), "ja");
  assert.equal(languageOf("see カタカナ"), "ja");
  assert.equal(languageOf("漢字 한국어"), "ko");
});

test("Han characters alone, and other scripts, tell nothing", () => {
  for (const text of ["山田", "骨・直", "hello", "שלום", "สวัสดี", "👍🏽", ""])
    assert.equal(languageOf(text), null, text);
});
