import assert from "node:assert/strict";
import { test } from "node:test";
import { PageNames } from "../../../static/js/analytics/page_names.js";

/** @param {Record<string, import("../../../static/js/analytics/types.d.ts").PageName>} names */
function asking(names) {
  /** @type {string[][]} */
  const asked = [];
  let changes = 0;
  const request = (/** @type {string} */ _, /** @type {any} */ { paths }) => {
    asked.push(paths);
    return Promise.resolve(/** @type {any} */ ({ ok: true, names }));
  };
  const pageNames = new PageNames({ request }, () => {
    changes += 1;
  });
  return { pageNames, asked, changed: () => changes };
}

test("rooms have their names, unnamed ones are only described, other pages keep their path", async () => {
  const { pageNames, asked, changed } = asking({
    "/rooms/hallway": { kind: "open", name: "Hallway" },
    "/rooms/d-1": { kind: "direct", name: "Ana, Ben" },
    "/rooms/d-2": { kind: "direct", name: null },
    "/rooms/3": { kind: "private", name: null },
  });
  const paths = ["/rooms/hallway", "/rooms/d-1", "/rooms/d-2", "/rooms/3", "/rooms/gone", "/login"];
  await pageNames.ask(paths);
  assert.deepEqual(
    paths.map((path) => pageNames.label(path)),
    [
      "Hallway",
      "Direct: Ana, Ben",
      "A direct conversation",
      "A private room",
      "/rooms/gone",
      "/login",
    ],
  );
  await pageNames.ask(paths);
  assert.deepEqual([asked.length, changed()], [1, 1]);
  assert.ok(!asked[0]?.includes("/login"));
});
