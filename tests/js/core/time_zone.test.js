import assert from "node:assert/strict";
import { test } from "node:test";
import { isSameTime } from "../../../static/js/core/time_zone.js";

const JANUARY = Date.UTC(2026, 0, 15);

test("an older name of a zone is no other zone", () => {
  assert.ok(isSameTime("Europe/Vienna", "Europe/Vienna", JANUARY));
  assert.ok(isSameTime("Asia/Calcutta", "Asia/Kolkata", JANUARY));
  assert.ok(isSameTime("Europe/Vienna", "Europe/Berlin", JANUARY));
});

test("zones that agree in winter only are two", () => {
  assert.ok(!isSameTime("Europe/London", "Atlantic/Reykjavik", JANUARY));
  assert.ok(!isSameTime("UTC", "Europe/Vienna", JANUARY));
  assert.ok(!isSameTime("Nowhere/Here", "Europe/Vienna", JANUARY));
});
