import assert from "node:assert/strict";
import { test } from "node:test";
import { change, columns, mergedPoints } from "../../../static/js/analytics/series.js";
import { csv, json } from "../../../static/js/analytics/table_export.js";

const START = Date.parse("2026-11-24T10:00:00Z");
const MINUTE = 60_000;

/** @param {number} first minute of the first one @param {(number | null)[]} values */
function points(first, ...values) {
  return values.map((value, i) => ({
    at: new Date(START + (first + i) * MINUTE).toISOString(),
    value,
  }));
}

test("what was asked again takes the place of what was held from there on", () => {
  const all = mergedPoints(points(0, 1, 2, 3), points(2, 30, 4), START);
  assert.deepEqual(
    all.map(({ value }) => value),
    [1, 2, 30, 4],
  );
});

test("what has left the range goes, and a gap of a lost connection is filled", () => {
  const all = mergedPoints(points(0, 1, 2, 3), points(2, 3, 4, 5, 6), START + 2 * MINUTE);
  assert.deepEqual(
    all.map(({ value }) => value),
    [3, 4, 5, 6],
  );
  assert.deepEqual(mergedPoints([], points(0, 7), START), points(0, 7));
  assert.deepEqual(mergedPoints(points(0, 7), [], START), points(0, 7));
});

test("a bucket that is under way is drawn apart, joined to the one before it", () => {
  const series = {
    points: points(0, 5, 6, 7),
    before: points(-3, 1, 2),
    step: /** @type {const} */ ("minute"),
  };
  const open = columns({ ...series, now: START + 2.5 * MINUTE });
  assert.deepEqual(open.whole, [5, 6, null]);
  assert.deepEqual(open.partial, [null, 6, 7]);
  assert.deepEqual(open.before, [1, 2, null], "by their places");
  const closed = columns({ ...series, now: START + 3 * MINUTE });
  assert.deepEqual(closed.whole, [5, 6, 7]);
  assert.deepEqual(closed.partial, [null, null, null]);
});

test("a change says how much and which way, and nothing where there is nothing to compare", () => {
  assert.deepEqual(change(112, 100), { percent: 12, direction: "up" });
  assert.deepEqual(change(50, 100), { percent: -50, direction: "down" });
  assert.deepEqual(change(0, 0), { percent: 0, direction: "same" });
  assert.deepEqual(change(1001, 1000), { percent: 0, direction: "same" });
  assert.deepEqual(change(3, 0), { percent: null, direction: "up" });
  assert.equal(change(null, 3), null);
  assert.equal(change(3, undefined), null);
});

test("cells that spreadsheets would run are text", () => {
  const table = {
    head: ["name", "n"],
    rows: [
      ["=1+1", 1],
      ["+x", -2],
      ["@y", null],
      ["-z", 3],
      ["\tt", 4],
    ],
  };
  assert.equal(csv(table), "name,n\r\n'=1+1,1\r\n'+x,-2\r\n'@y,\r\n'-z,3\r\n'\tt,4\r\n");
});

test("commas, quotes and lines stay within their cell", () => {
  const table = { head: ["a,b"], rows: [['say "hi"'], ["one\ntwo"]] };
  assert.equal(csv(table), '"a,b"\r\n"say ""hi"""\r\n"one\ntwo"\r\n');
  assert.deepEqual(JSON.parse(json(table)), [{ "a,b": 'say "hi"' }, { "a,b": "one\ntwo" }]);
});
