import assert from "node:assert/strict";
import { test } from "node:test";
import { rate, scale } from "../../../static/js/analytics/number_format.js";

test("a rate that is not nothing does not say that it is", () => {
  assert.deepEqual([0, 0.02, 0.06, 7.25].map(rate), ["0", "< 0.1", "0.1", "7.3"]);
});

test("a number of a chart’s scale has four characters at most below a billion", () => {
  for (let power = 1; power < 1e8; power *= 10) {
    for (const step of [1, 2, 5]) {
      for (let n = 0; n <= 8; n++) {
        const text = scale(n * step * power);
        assert.ok(text.length <= 4, text);
      }
    }
  }
  assert.equal(scale(950), "950");
  assert.match(scale(1500), /^1\.5k$/i);
});
