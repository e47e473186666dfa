/** The page of analytics, put together: what is asked, what is shown, and what is told live. */
import { Board } from "./core/analytics/board.js";
import { Feed } from "./core/analytics/feed.js";
import { chosen, latest, PRESETS, stepsFor } from "./core/analytics/stretches.js";
import { known } from "./core/analytics/zones.js";
import { clock } from "./core/clock.js";
import { RequestError } from "./core/errors.js";
import { element, startNotifications } from "./shell/account_page.js";
import { Charts } from "./shell/analytics/charts.js";
import { FirstEvent } from "./shell/analytics/first_event.js";
import { Lists } from "./shell/analytics/lists.js";
import { Questions } from "./shell/analytics/questions.js";
import { FeedList } from "./views/analytics/feed_list.js";
import { FiguresView } from "./views/analytics/figures.js";
import { showLive } from "./views/analytics/live.js";
import { RangePicker } from "./views/analytics/range_picker.js";
import { offer, selectOf } from "./views/analytics/select.js";
import { Dial } from "./views/analytics/words.js";
import { say } from "./views/dialogs.js";

/** @import { Channel } from "./core/channel.js" */
/** @import { Connection } from "./core/connection.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, Figures } from "./types/analytics.d.ts" */

const USUAL_METRIC = "page_views";

/** @type {{ metrics: Figures, names: { event_types: string[], is_full: boolean }, zone: string, server_time: string }} */
const snapshot = JSON.parse(element("snapshot").textContent ?? "");
const zone = known(snapshot.zone);
const dial = new Dial(zone);
// Buckets begin when the server says so, whatever this device's clock shows.
const skew_ms = Date.parse(snapshot.server_time) - Date.now();
const serverClock = { ...clock, now: () => clock.now() + skew_ms };
const address = new URLSearchParams(location.search);

/** @param {Connection} connection */
function join(connection) {
  /** @type {Channel<AnalyticsRequests, AnalyticsEvents>} */
  const channel = connection.channel("/analytics");
  const stretch = (/** @type {number} */ now) => stretchOf(picker.choice, now);
  const picker = new RangePicker(
    {
      ranges: element("ranges"),
      form: /** @type {HTMLFormElement} */ (element("own-range")),
      step: selectOf(document, "step"),
    },
    { zone, now: serverClock.now, onChange: () => look() },
  );
  picker.read(address);
  const board = new Board({ channel, clock: serverClock, zone, live: snapshot.metrics, stretch });
  const charts = new Charts({
    board,
    dial,
    now: serverClock.now,
    metric: address.get("metric") ?? USUAL_METRIC,
  });
  const feed = new Feed(channel);
  const figures = new FiguresView(element("shown"), pick);
  const lists = new Lists(pick);
  const questions = new Questions({ channel, dial, span: () => board.stretch, onTrouble: trouble });
  const firstEvent = new FirstEvent();
  const compare = /** @type {HTMLInputElement} */ (element("compare"));
  new FeedList(element("feed"), { feed, dial, onAsk: (asked) => asked.catch(trouble) });
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
    board.look(stretch);
    questions.changed();
  }

  function showFigures() {
    if (!board.figures) return;
    figures.show(board.figures, charts.isCompared ? board.before : null);
    lists.show(board.figures);
    charts.tellErrors(board.figures.errors);
    names(board.live);
  }

  /** Of all time: a range without a name does not take it away. @param {Figures} live */
  function names({ event_counts, page_views }) {
    const all = new Set([...snapshot.names.event_types, ...Object.keys(event_counts)]);
    if (page_views > 0) all.add("page_view");
    const types = [...all].sort();
    questions.types(board.live, types);
    offer(selectOf(element("feed"), "type"), [
      ["", "All types"],
      ...types.map((type) => /** @type {[string, string]} */ ([type, type])),
    ]);
  }

  function showStatus() {
    showLive(element("live"), connection.status, isCurrent);
  }

  board.on("figures", showFigures);
  board.on("stretch", () => {
    const { step, from, to } = board.stretch;
    picker.steps(
      PRESETS[picker.choice.preset]?.steps ?? stepsFor({ from, to }, serverClock.now()),
      step,
    );
  });
  board.on("trouble", trouble);
  compare.addEventListener("change", () => {
    charts.compare(compare.checked);
    showFigures();
  });
  connection.on("lost", () => {
    isCurrent = false;
  });
  connection.on("status", showStatus);

  /** The first after each connection tells that one may ask: also for what was missed. @param {Figures} live */
  function told(live) {
    firstEvent.show(live);
    if (isCurrent) return board.tell(live);
    isCurrent = true;
    board.live = live;
    showStatus();
    board.load();
    feed.ask().catch(trouble);
    questions.ready();
  }
  hearWhileSeen(channel, told);
  element("names-full").hidden = !snapshot.names.is_full;
  firstEvent.show(snapshot.metrics);
  names(snapshot.metrics);
  mark();
}

/**
 * Nobody looks at a page in the background: it is told the newest when it comes back.
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

/** @param {import("./views/analytics/range_picker.js").Choice} choice @param {number} now */
function stretchOf({ preset, own, step }, now) {
  const known = PRESETS[preset];
  if (own || !known) return chosen(own ?? { from: now - 86_400_000, to: now }, { now, step });
  return latest(known, { now, zone, step });
}

/** @param {unknown} error */
function trouble(error) {
  if (!(error instanceof RequestError)) throw error;
  // The page's own line says that the connection is gone.
  if (error.code !== "disconnected") say(error.message);
}

startNotifications(join);
