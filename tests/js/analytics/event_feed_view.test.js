import assert from "node:assert/strict";
import { test } from "node:test";
import { inLine, pathsOf } from "../../../static/js/analytics/event_feed_view.js";

/** @param {Record<string, unknown>} properties @returns {any} */
const event = (properties) => ({ user_name: "Ana", properties });
const labelOf = (/** @type {string} */ path) => (path === "/rooms/6b05" ? "Altos" : path);

test("the line of an event calls the page as the person may know it", () => {
  assert.equal(inLine(event({ path: "/rooms/6b05" }), labelOf), "Ana · Altos");
  assert.equal(inLine(event({ path: "/settings", ms: 3 }), labelOf), "Ana · /settings · ms=3");
});

test("a path is asked for where it is a text", () => {
  assert.deepEqual(pathsOf(event({ path: "/rooms/6b05" })), ["/rooms/6b05"]);
  assert.deepEqual(pathsOf(event({ path: 7 })), []);
});
