import assert from "node:assert/strict";
import { test } from "node:test";
import { tomorrow } from "../../../static/js/notifications/snooze.js";

test("a snooze until tomorrow ends at eight in the morning where the person lives", () => {
  const at = (/** @type {string} */ now, /** @type {string} */ zone) =>
    new Date(tomorrow(Date.parse(now), zone)).toISOString();
  assert.equal(at("2026-01-10T12:00:00Z", "UTC"), "2026-01-11T08:00:00.000Z");
  assert.equal(at("2026-01-10T16:30:00Z", "Asia/Tokyo"), "2026-01-11T23:00:00.000Z");
  assert.equal(at("2026-01-10T02:00:00Z", "America/New_York"), "2026-01-10T13:00:00.000Z");
  // The night in which the clocks go forward.
  assert.equal(at("2026-03-28T20:00:00Z", "Europe/Berlin"), "2026-03-29T06:00:00.000Z");
  assert.equal(at("2026-10-24T20:00:00Z", "Europe/Berlin"), "2026-10-25T07:00:00.000Z");
});
