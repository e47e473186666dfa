/** Notifications by number, as the tests of the inbox share them. */
import { ana, ben } from "../fakes.js";

/**
 * @param {number} rev
 * @param {Partial<import("../../../static/js/notifications/types.d.ts").Notification>} [more]
 * @returns {import("../../../static/js/notifications/types.d.ts").Notification}
 */
export function notice(rev, more = {}) {
  return {
    id: `n-${more.seq ?? rev}`,
    user_id: ana.id,
    seq: rev,
    rev,
    timestamp: "2026-01-01T00:00:00.000Z",
    read: false,
    title: `notice ${more.seq ?? rev}`,
    body: "",
    category: "mention",
    alert: "desktop",
    actor: { id: ben.id, name: ben.name },
    ...more,
  };
}
