import assert from "node:assert/strict";
import { test } from "node:test";
import { runningFigures } from "../../../static/js/analytics/running_figures.js";
import { figures } from "./fakes.js";

test("what happened since the range was asked for belongs to it", () => {
  const range = figures({ page_views: 10, events: 15, event_counts: { signup: 5 } });
  const base = figures({ page_views: 1000, events: 1500, event_counts: { signup: 500 } });
  const live = figures({
    page_views: 1003,
    events: 1506,
    event_counts: { signup: 502, trial: 1 },
  });
  const shown = runningFigures(range, base, live);
  assert.equal(shown.page_views, 13);
  assert.equal(shown.events, 21);
  assert.deepEqual(shown.event_counts, { signup: 7, trial: 1 });
});

test("what is of this moment is the server's latest word", () => {
  const range = figures({ active_users: 3, connections: { websocket: 90 }, unique_visitors: 8 });
  const live = figures({ active_users: 5, connections: { websocket: 4 }, unique_visitors: 800 });
  const shown = runningFigures(range, figures(), live);
  assert.equal(shown.active_users, 5);
  assert.deepEqual(shown.connections, { websocket: 4 });
  assert.equal(shown.unique_visitors, 8, "of the range, which counts of all time can't tell");
});

test("names keep the order of their counts, and one that comes into the list of all time adds nothing", () => {
  const a = { name: "/a", n: 5 };
  const b = { name: "/b", n: 4 };
  const shown = runningFigures(
    figures({ top_pages: [a, b] }),
    figures({ top_pages: [{ name: "/b", n: 70 }] }),
    figures({
      top_pages: [
        { name: "/b", n: 73 },
        { name: "/c", n: 60 },
      ],
    }),
  );
  assert.deepEqual(shown.top_pages, [{ name: "/b", n: 7 }, a]);
});
