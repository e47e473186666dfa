import assert from "node:assert/strict";
import { test } from "node:test";
import { EventFeed } from "../../../static/js/analytics/event_feed.js";
import { FakeServer } from "./fakes.js";

/** @param {number} n @param {string} [event_type] */
function event(n, event_type = "signup") {
  const timestamp = new Date(Date.UTC(2026, 10, 24, 10, 0, n)).toISOString();
  return { id: `e-${n}`, event_type, user_id: null, session_id: "s", properties: {}, timestamp };
}

function opened() {
  const server = new FakeServer({});
  const feed = new EventFeed(server.channel);
  const ids = () => feed.items.map(({ id }) => id);
  return { server, feed, ids };
}

test("the newest comes first, each once, and no more than are held", () => {
  const { server, feed, ids } = opened();
  server.tells("events", { items: [event(1), event(3)], skipped: 0 });
  server.tells("events", { items: [event(2), event(3)], skipped: 2 });
  assert.deepEqual(ids(), ["e-3", "e-2", "e-1"]);
  assert.equal(feed.skipped, 2);
  server.tells("events", { items: [...Array(150)].map((_, i) => event(10 + i)), skipped: 0 });
  assert.equal(feed.items.length, 100);
  assert.equal(ids()[0], "e-159");
});

test("what comes after a pause was asked for is not shown", async () => {
  const { server, feed, ids } = opened();
  server.tells("events", { items: [event(1)], skipped: 0 });
  await feed.pause(true);
  server.tells("events", { items: [event(2)], skipped: 0 });
  assert.deepEqual(ids(), ["e-1"]);
  assert.equal(server.asked.at(-1)?.name, "feed:stop");
  await feed.pause(false);
  server.tells("events", { items: [event(3)], skipped: 0 });
  assert.deepEqual(ids(), ["e-3", "e-1"]);
});

test("of one type only it is shown, what is there already and what comes", async () => {
  const { server, feed, ids } = opened();
  server.tells("events", { items: [event(1), event(2, "trial")], skipped: 0 });
  await feed.choose("trial");
  assert.deepEqual(server.asked.at(-1), { name: "feed:start", payload: { types: ["trial"] } });
  server.tells("events", { items: [event(3), event(4, "trial")], skipped: 0 });
  assert.deepEqual(ids(), ["e-4", "e-2"]);
});

test("after a lost connection a paused feed stays paused", async () => {
  const { server, feed } = opened();
  await feed.pause(true);
  await feed.ask();
  assert.equal(server.asked.at(-1)?.name, "feed:stop");
});
