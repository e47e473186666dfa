/** The module of the analytics page: connects the dashboard's state, its views and the live events. */

import { clock } from "../core/clock.js";
import { RequestError } from "../core/errors.js";
import { t } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { showToast } from "../core/ui/prompts.js";
import { startNotifications } from "../notifications/start_notifications.js";
import { Charts } from "./charts.js";
import { Dashboard } from "./dashboard.js";
import { EventFeed } from "./event_feed.js";
import { EventFeedView } from "./event_feed_view.js";
import { FiguresView } from "./figures_view.js";
import { FirstEvent } from "./first_event.js";
import { showLive } from "./live_status.js";
import { ZoneClock } from "./number_format.js";
import { PageNames } from "./page_names.js";
import { RangePicker } from "./range_picker.js";
import { Reports } from "./reports.js";
import { selectOf, setOptions } from "./select_options.js";
import { customRange, PRESETS, presetRange, stepsFor } from "./time_ranges.js";
import { knownZone } from "./time_zones.js";
import { TopLists } from "./top_lists.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { Connection } from "../core/connection.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, Figures } from "./types.d.ts" */

const USUAL_METRIC = "page_views";

/** @type {{ metrics: Figures, names: { event_types: string[], is_full: boolean }, zone: string, server_time: string }} */
const snapshot = JSON.parse(byId("snapshot").textContent ?? "");
const zone = knownZone(snapshot.zone);
const zoneClock = new ZoneClock(zone);
// Buckets begin when the server says so, whatever this device's clock shows.
const skew_ms = Date.parse(snapshot.server_time) - Date.now();
const serverClock = { ...clock, now: () => clock.now() + skew_ms };
const address = new URLSearchParams(location.search);

/** @param {Connection} connection */
function join(connection) {
  /** @type {Channel<AnalyticsRequests, AnalyticsEvents>} */
  const channel = connection.channel("/analytics");
  const timeRange = (/** @type {number} */ now) => timeRangeOf(picker.choice, now);
  const picker = new RangePicker(
    {
      ranges: byId("ranges"),
      form: /** @type {HTMLFormElement} */ (byId("own-range")),
      step: selectOf(document, "step"),
    },
    { zone, now: serverClock.now, onChange: () => look() },
  );
  picker.read(address);
  const dashboard = new Dashboard({
    channel,
    clock: serverClock,
    zone,
    live: snapshot.metrics,
    timeRange,
  });
  const pageNames = new PageNames(channel, () => {
    showFigures();
    feedView.showNames();
  });
  const charts = new Charts({
    dashboard,
    zoneClock,
    now: serverClock.now,
    metric: address.get("metric") ?? USUAL_METRIC,
    pageLabel: (path) => pageNames.label(path),
  });
  const feed = new EventFeed(channel);
  const figures = new FiguresView(byId("dashboard"), pick);
  const lists = new TopLists(pick, pageNames);
  const reports = new Reports({
    channel,
    zoneClock,
    span: () => dashboard.timeRange,
    onTrouble: trouble,
  });
  const firstEvent = new FirstEvent();
  const compare = /** @type {HTMLInputElement} */ (byId("compare"));
  const feedView = new EventFeedView(byId("feed"), {
    feed,
    zoneClock,
    pageNames,
    onAsk: (asked) => asked.catch(trouble),
  });
  let isCurrent = false;

  /** @param {string} metric */
  function pick(metric) {
    charts.pick(metric);
    mark();
  }

  function mark() {
    figures.choose(charts.metric);
    lists.choose(charts.metric);
    const words = new URLSearchParams({ ...picker.words, metric: charts.metric });
    history.replaceState(null, "", `?${words}`);
  }

  function look() {
    mark();
    dashboard.look(timeRange);
    reports.changed();
  }

  function showFigures() {
    if (!dashboard.figures) return;
    figures.show(dashboard.figures, charts.isCompared ? dashboard.before : null);
    lists.show(dashboard.figures);
    charts.tellErrors(dashboard.figures.errors);
    names(dashboard.live);
  }

  /** Offer all event types ever counted, not only those of the range. @param {Figures} live */
  function names({ event_counts, page_views }) {
    const all = new Set([...snapshot.names.event_types, ...Object.keys(event_counts)]);
    if (page_views > 0) all.add("page_view");
    const types = [...all].sort();
    reports.types(dashboard.live, types);
    setOptions(selectOf(byId("feed"), "type"), [
      ["", t("All types")],
      ...types.map((type) => /** @type {[string, string]} */ ([type, type])),
    ]);
  }

  function showStatus() {
    showLive(byId("live"), connection.status, isCurrent);
  }

  dashboard.on("figures", showFigures);
  dashboard.on("timeRange", () => {
    const { step, from, to } = dashboard.timeRange;
    picker.steps(
      PRESETS[picker.choice.preset]?.steps ?? stepsFor({ from, to }, serverClock.now()),
      step,
    );
  });
  dashboard.on("trouble", trouble);
  compare.addEventListener("change", () => {
    charts.compare(compare.checked);
    showFigures();
  });
  connection.on("lost", () => {
    isCurrent = false;
  });
  connection.on("status", showStatus);

  /** The first figures after each connection start the requests, also for what was missed. @param {Figures} live */
  function told(live) {
    firstEvent.show(live);
    if (isCurrent) return dashboard.tell(live);
    isCurrent = true;
    dashboard.live = live;
    showStatus();
    dashboard.load();
    feed.ask().catch(trouble);
    reports.ready();
  }
  hearWhileSeen(channel, told);
  byId("names-full").hidden = !snapshot.names.is_full;
  firstEvent.show(snapshot.metrics);
  names(snapshot.metrics);
  mark();
}

/**
 * A page in the background is not updated; it gets the newest figures when it is visible again.
 * @param {Channel<AnalyticsRequests, AnalyticsEvents>} channel @param {(live: Figures) => void} told
 */
function hearWhileSeen(channel, told) {
  /** @type {Figures | null} */
  let held = null;
  channel.on("metrics", (live) => {
    held = live;
    if (!document.hidden) told(live);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && held) told(held);
  });
}

/** @param {import("./range_picker.js").Choice} choice @param {number} now */
function timeRangeOf({ preset, own, step }, now) {
  const known = PRESETS[preset];
  if (own || !known) return customRange(own ?? { from: now - 86_400_000, to: now }, { now, step });
  return presetRange(known, { now, zone, step });
}

/** @param {unknown} error */
function trouble(error) {
  if (!(error instanceof RequestError)) throw error;
  // The page's own line says that the connection is gone.
  if (error.code !== "disconnected") showToast(error.message);
}

startNotifications(join);
