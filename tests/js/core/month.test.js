import assert from "node:assert/strict";
import { test } from "node:test";
import { dayAt, firstWeekday, inMonth, weeksOf } from "../../../static/js/core/month.js";

const [SUNDAY, MONDAY, SATURDAY] = [0, 1, 6];

test("a week begins as a person chose, else as their region has it", () => {
  assert.equal(firstWeekday("sunday", "de-DE"), SUNDAY);
  assert.equal(firstWeekday("saturday", "en-US"), SATURDAY);
  assert.equal(firstWeekday("auto", "de-DE"), MONDAY);
  assert.equal(firstWeekday("auto", "en-US"), SUNDAY);
});

test("the weeks of a month have its days, each under its weekday", () => {
  const monday = weeksOf("2026-11-15", MONDAY);
  assert.deepEqual(monday[0], [null, null, null, null, null, null, "2026-11-01"]);
  assert.deepEqual(monday.at(-1), ["2026-11-30", null, null, null, null, null, null]);
  assert.deepEqual(weeksOf("2026-11-15", SUNDAY)[0]?.[0], "2026-11-01");
  const leap = weeksOf("2028-02-10", MONDAY).flat().filter(Boolean);
  assert.deepEqual([leap.length, leap.at(-1)], [29, "2028-02-29"]);
});

test("keys lead from day to day, over the ends of months and years", () => {
  assert.equal(dayAt("2026-12-31", "ArrowRight", MONDAY), "2027-01-01");
  assert.equal(dayAt("2026-03-01", "ArrowUp", MONDAY), "2026-02-22");
  assert.equal(dayAt("2026-11-18", "Home", MONDAY), "2026-11-16");
  assert.equal(dayAt("2026-11-18", "End", SUNDAY), "2026-11-21");
  assert.equal(dayAt("2026-03-31", "PageUp", MONDAY), "2026-02-28");
  assert.equal(dayAt("2026-03-31", "a", MONDAY), null);
});

test("the same day of another month is its last one where it is shorter", () => {
  assert.equal(inMonth("2026-01-31", 1), "2026-02-28");
  assert.equal(inMonth("2026-01-15", -1), "2025-12-15");
  assert.equal(inMonth("2025-12-15", 14), "2027-02-15");
});
