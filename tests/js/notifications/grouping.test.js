import assert from "node:assert/strict";
import { test } from "node:test";
import { groupNotifications } from "../../../static/js/notifications/grouping.js";
import { notice } from "./fakes.js";

test("unread ones of one kind stand together where the newest is, read ones by themselves", () => {
  const lines = groupNotifications([
    notice(5, { group: "w" }),
    notice(4),
    notice(3, { group: "w" }),
    notice(2, { group: "w", read: true }),
  ]);
  assert.deepEqual(
    lines.map(({ items }) => items.map(({ id }) => id)),
    [["n-5", "n-3"], ["n-4"], ["n-2"]],
  );
  assert.equal(
    lines[0]?.key,
    groupNotifications([notice(3, { group: "w" })])[0]?.key,
    "the key stays",
  );
});
