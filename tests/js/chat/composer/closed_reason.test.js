import assert from "node:assert/strict";
import { test } from "node:test";
import { closedReason, noRoom } from "../../../../static/js/chat/composer/closed_reason.js";

/** @import { Room } from "../../../../static/js/chat/types.d.ts" */

/** @param {boolean} isManager */
function ways(isManager) {
  /** @type {string[]} */
  const done = [];
  return {
    done,
    canManage: () => isManager,
    join: () => void done.push("join"),
    reopen: async () => done.push("reopen") > 0,
    browse: () => void done.push("browse"),
  };
}

/** @param {Partial<Room>} more */
const room = (more) => /** @type {Room} */ ({ id: "r", name: "Plans", kind: "open", ...more });

test("a member writes in an open room", () => {
  assert.equal(closedReason(room({ member: true }), ways(true)), null);
});

test("an archived room is opened again by those who may", () => {
  const [owner, member] = [ways(true), ways(false)];
  assert.equal(typeof closedReason(room({ archived: true }), member), "string");
  const closed = closedReason(room({ archived: true }), owner);
  assert.ok(closed && typeof closed !== "string");
  closed.run();
  assert.deepEqual([closed.label, owner.done], ["Reopen", ["reopen"]]);
});

test("one who only looks is asked to join, and without a room one finds some", () => {
  const mine = ways(false);
  const closed = closedReason(room({ member: false }), mine);
  assert.ok(closed && typeof closed !== "string");
  closed.run();
  const none = noRoom(mine);
  assert.ok(typeof none !== "string");
  none.run();
  assert.deepEqual(mine.done, ["join", "browse"]);
});
