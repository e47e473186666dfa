import assert from "node:assert/strict";
import { test } from "node:test";
import { Dashboard } from "../../../static/js/analytics/dashboard.js";
import { PRESETS, presetRange } from "../../../static/js/analytics/time_ranges.js";
import { FakeServer, figures, settled } from "./fakes.js";

const NOW = Date.parse("2026-11-24T10:30:10Z");
const MINUTE = 60_000;

/** A point a minute: how many minutes after 10:00 it is. @param {{ from: string, to: string }} range */
function series({ from, to }) {
  const start = Date.parse("2026-11-24T10:00:00Z");
  const points = [];
  for (let at = Date.parse(from) - (Date.parse(from) % MINUTE); at < Date.parse(to); at += MINUTE)
    points.push({ at: new Date(at).toISOString(), value: (at - start) / MINUTE });
  return { points };
}

/** @param {string} name */
const preset = (name) =>
  /** @type {import("../../../static/js/analytics/time_ranges.js").Preset} */ (PRESETS[name]);

async function opened() {
  const clock = {
    time: NOW,
    timers: /** @type {(() => void)[]} */ ([]),
    now: () => clock.time,
    after: (/** @type {number} */ _, /** @type {() => void} */ run) => {
      clock.timers.push(run);
      return () => {};
    },
  };
  const server = new FakeServer({
    series,
    metrics: ({ to }) => ({ metrics: figures({ page_views: Date.parse(to) >= NOW ? 30 : 20 }) }),
  });
  const dashboard = new Dashboard({
    channel: server.channel,
    clock,
    zone: "UTC",
    live: figures({ page_views: 100 }),
    timeRange: (now) => presetRange(preset("30m"), { now, zone: "UTC" }),
  });
  dashboard.draw("main", ["page_views"], { isCompared: true });
  await dashboard.load();
  server.asked.length = 0;
  const line = () => dashboard.plots.get("main")?.lines[0] ?? assert.fail("no line");
  return { dashboard, clock, server, line };
}

test("a range has its figures, those of before and its points", async () => {
  const { dashboard, line } = await opened();
  assert.equal(dashboard.figures?.page_views, 30);
  assert.equal(dashboard.before?.page_views, 20);
  assert.equal(line().points.length, 30);
  assert.equal(line().before.length, 30);
});

test("what the server tells each second is shown without asking it", async () => {
  const { dashboard, server } = await opened();
  dashboard.tell(figures({ page_views: 104 }));
  assert.equal(dashboard.figures?.page_views, 34);
  assert.deepEqual(server.asked, []);
});

test("the last news is asked for too, once it is time, where nothing comes after it", async () => {
  const { dashboard, clock, server } = await opened();
  dashboard.tell(figures({ page_views: 104 }));
  dashboard.tell(figures({ page_views: 105 }));
  assert.deepEqual([server.asked.length, clock.timers.length], [0, 1]);
  clock.time += 4_001;
  clock.timers.shift()?.();
  await settled();
  assert.ok(server.asked.some(({ name }) => name === "metrics"));
  assert.equal(clock.timers.length, 0);
});

test("after a while news ask again, for the newest points only", async () => {
  const { dashboard, clock, server, line } = await opened();
  clock.time += 2 * MINUTE;
  dashboard.tell(figures({ page_views: 104 }));
  await settled();
  const [tail] = server.asked.filter(({ name }) => name === "series");
  assert.equal(tail?.payload.from, "2026-11-24T10:29:00.000Z");
  assert.equal(line().points.length, 30, "the first two have left the range");
  assert.equal(line().points.at(-1)?.value, 32);
  dashboard.tell(figures({ page_views: 105 }));
  assert.equal(server.times("metrics"), 2, "the range and, moved on, the one before");
});

test("without news nothing is asked, however long it takes", async () => {
  const { clock, server } = await opened();
  clock.time += 60 * MINUTE;
  await settled();
  assert.deepEqual(server.asked, []);
});

test("after a lost connection everything is asked anew, and the gap is filled", async () => {
  const { dashboard, clock, line } = await opened();
  clock.time += 20 * MINUTE;
  await dashboard.load();
  assert.deepEqual(
    line().points.map(({ value }) => value),
    [...Array(30)].map((_, i) => 21 + i),
  );
});

test("an answer to a range that is not looked at any more is not shown", async () => {
  const { dashboard, server, line } = await opened();
  /** @type {((answer: object) => void)[]} */
  const late = [];
  server.answers.series = () => new Promise((resolve) => late.push(resolve));
  const first = dashboard.look((now) => presetRange(preset("24h"), { now, zone: "UTC" }));
  await settled();
  server.answers.series = series;
  await dashboard.look((now) => presetRange(preset("30m"), { now, zone: "UTC" }));
  for (const answer of late) answer({ points: [] });
  await first;
  assert.equal(dashboard.timeRange.step, "minute");
  assert.equal(line().points.length, 30);
});

test("what fails is told, and the next news ask again", async () => {
  const { dashboard, clock, server } = await opened();
  /** @type {unknown[]} */
  const troubles = [];
  dashboard.on("trouble", (error) => troubles.push(error));
  server.answers.series = () => {
    throw new Error("away");
  };
  clock.time += 5_000;
  dashboard.tell(figures());
  await settled();
  assert.equal(troubles.length, 1);
  server.answers.series = series;
  clock.time += 5_000;
  server.asked.length = 0;
  dashboard.tell(figures());
  await settled();
  assert.equal(server.times("series"), 1);
});
