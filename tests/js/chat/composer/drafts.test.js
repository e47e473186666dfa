import assert from "node:assert/strict";
import { test } from "node:test";
import { Drafts } from "../../../../static/js/chat/composer/drafts.js";

test("drafts belong to an account and a room", () => {
  /** @type {Map<string, string>} */
  const held = new Map();
  const storage = /** @type {Storage} */ (
    /** @type {unknown} */ ({
      getItem: (/** @type {string} */ key) => held.get(key) ?? null,
      setItem: (/** @type {string} */ key, /** @type {string} */ text) => held.set(key, text),
      removeItem: (/** @type {string} */ key) => held.delete(key),
    })
  );
  const drafts = new Drafts("u-ana", storage);
  drafts.set("r-1", "half a thought");
  assert.equal(drafts.get("r-1"), "half a thought");
  assert.equal(drafts.get("r-2"), "");
  assert.equal(new Drafts("u-ben", storage).get("r-1"), "");
  drafts.set("r-1", "");
  assert.equal(held.size, 0);
});
