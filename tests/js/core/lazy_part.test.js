import assert from "node:assert/strict";
import { test } from "node:test";
import { lazyPart } from "../../../static/js/core/lazy_part.js";

const gone = () => Promise.reject(new TypeError("Failed to fetch"));

/** @param {boolean} isOutdated @param {string | null} [before] when it was last loaded anew */
function page(isOutdated, before = null) {
  const kept = { at: before };
  return {
    reloads: 0,
    isOutdated: async () => isOutdated,
    reload() {
      this.reloads += 1;
    },
    store: {
      getItem: () => kept.at,
      setItem: (/** @type {string} */ _, /** @type {string} */ at) => {
        kept.at = at;
      },
    },
    now: () => 1_000_000,
  };
}

test("a part that comes is given", async () => {
  const here = page(true);
  assert.equal(await lazyPart(async () => "dialog", here), "dialog");
  assert.equal(here.reloads, 0);
});

test("without a network the page stays", async () => {
  const here = page(false);
  await assert.rejects(lazyPart(gone, here), /Failed to fetch/u);
  assert.equal(here.reloads, 0);
});

test("after an upgrade the page is loaded anew, but not again and again", async () => {
  const here = page(true);
  lazyPart(gone, here);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(here.reloads, 1);
  await assert.rejects(lazyPart(gone, here));
  assert.equal(here.reloads, 1);
  const later = page(true, "900000");
  lazyPart(gone, later);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(later.reloads, 1);
});
