import assert from "node:assert/strict";
import { test } from "node:test";
import {
  customRange,
  PRESETS,
  presetRange,
  stepsFor,
} from "../../../static/js/analytics/time_ranges.js";
import { fromWallTime, midnight, wallTime } from "../../../static/js/analytics/time_zones.js";

const BERLIN = "Europe/Berlin";
const at = (/** @type {string} */ text) => Date.parse(text);
const iso = (/** @type {number} */ ms) => new Date(ms).toISOString().slice(0, 16);
/** @param {string} name */
const preset = (name) =>
  /** @type {import("../../../static/js/analytics/time_ranges.js").Preset} */ (PRESETS[name]);

test("the last hours begin with a whole one and end now", () => {
  const now = at("2026-11-24T13:20:30Z");
  const timeRange = presetRange(preset("24h"), { now, zone: BERLIN });
  assert.equal(iso(timeRange.from), "2026-11-23T14:00");
  assert.equal(timeRange.to, now);
  assert.equal(timeRange.step, "hour");
  assert.ok(timeRange.isLive);
});

test("the time before is as long as what has passed of this one", () => {
  const timeRange = presetRange(preset("24h"), { now: at("2026-11-24T13:20:30Z"), zone: BERLIN });
  assert.equal(iso(timeRange.before.from), "2026-11-22T14:00");
  assert.equal(timeRange.before.to - timeRange.before.from, timeRange.to - timeRange.from);
});

test("days are those of the viewer's zone", () => {
  const now = at("2026-11-24T23:30:00Z");
  assert.equal(iso(presetRange(preset("7d"), { now, zone: BERLIN }).from), "2026-11-18T23:00");
  assert.equal(iso(presetRange(preset("7d"), { now, zone: "UTC" }).from), "2026-11-18T00:00");
});

test("days keep their midnight where a summer time ends between", () => {
  const now = at("2026-10-27T12:00:00Z");
  assert.equal(iso(midnight(now, BERLIN)), "2026-10-26T23:00");
  assert.equal(iso(midnight(now, BERLIN, 3)), "2026-10-23T22:00", "summer time, an hour earlier");
});

test("a wall and its moment belong together, also where hours are halves", () => {
  for (const zone of [BERLIN, "Asia/Kolkata", "America/St_Johns", "Pacific/Auckland", "UTC"]) {
    for (const text of ["2026-03-29T08:45:00Z", "2026-07-01T23:59:00Z", "2026-12-31T18:30:00Z"]) {
      assert.equal(fromWallTime(wallTime(at(text), zone), zone), at(text), `${zone} ${text}`);
    }
  }
});

test("the hour that is there twice is its first, the one that is left out is none before it", () => {
  const twice = fromWallTime({ year: 2026, month: 10, day: 25, hour: 2, minute: 30 }, BERLIN);
  assert.equal(iso(twice), "2026-10-25T00:30");
  const never = fromWallTime({ year: 2026, month: 3, day: 29, hour: 2, minute: 30 }, BERLIN);
  assert.equal(wallTime(never, BERLIN).day, 29);
});

test("a chosen range ends now at the latest and is compared with as much before it", () => {
  const now = at("2026-11-24T12:00:00Z");
  const range = { from: at("2026-11-24T10:00:00Z"), to: at("2026-11-25T00:00:00Z") };
  const timeRange = customRange(range, { now });
  assert.equal(timeRange.to, now);
  assert.equal(iso(timeRange.before.from), "2026-11-24T08:00");
  assert.equal(timeRange.step, "minute");
  assert.equal(timeRange.isLive, false);
});

test("no step is offered that the server would refuse", () => {
  const now = at("2026-11-24T12:00:00Z");
  const day = 86_400_000;
  assert.deepEqual(stepsFor({ from: now - 3_600_000, to: now }, now), ["minute", "hour", "day"]);
  assert.deepEqual(stepsFor({ from: now - 7 * day, to: now }, now), ["hour", "day"]);
  assert.deepEqual(stepsFor({ from: now - 200 * day, to: now }, now), ["day"]);
  const old = { from: now - 60 * day, to: now - 60 * day + 3_600_000 };
  assert.deepEqual(stepsFor(old, now), ["hour", "day"], "minutes of then are gone");
  const older = { from: now - 420 * day, to: now - 419 * day };
  assert.deepEqual(stepsFor(older, now), ["day"], "so are hours");
  const late = { from: now - 28 * day, to: now - 25.5 * day };
  assert.deepEqual(stepsFor(late, now), ["hour", "day"], "and minutes of the time before");
});

test("a range of too many days is shown from later on", () => {
  const now = at("2026-11-24T12:00:00Z");
  const { from, to, step } = customRange({ from: at("1990-01-01T00:00:00Z"), to: now }, { now });
  assert.deepEqual([(to - from) / 86_400_000, step], [3_000, "day"]);
});
