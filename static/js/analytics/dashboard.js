/**
 * The state of the dashboard: the figures of a time range, those of the range before, and the series of
 * the charts. The server sends the figures of all time each second; distinct visitors and the newest
 * points of the charts are requested again after such an event, at most once in a while.
 */
import { Emitter } from "../core/emitter.js";
import { runningFigures } from "./running_figures.js";
import { mergedPoints } from "./series.js";
import { asRequest, STEP_MS } from "./time_ranges.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { Clock } from "../core/clock.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, Figures, Point, Step, TimeRange } from "./types.d.ts" */

/** @typedef {{ metric: string, points: Point[], before: Point[] }} Line */
/** @typedef {{ name: string, metrics: string[], isCompared: boolean, lines: Line[], isLoading: boolean }} Plot */
/** @typedef {{ figures: [], plot: [Plot], timeRange: [], trouble: [unknown] }} Events */

/** The shortest time between two such requests, by the step of the charts. @type {Record<Step, number>} */
const STANDS_MS = { minute: 4_000, hour: 15_000, day: 60_000 };

/** @extends {Emitter<Events>} */
export class Dashboard extends Emitter {
  /** Of the range, continued by the live figures. @type {Figures | null} */
  figures = null;
  /** Of the range before. @type {Figures | null} */
  before = null;
  /** @type {Map<string, Plot>} */
  plots = new Map();
  /** @type {Figures | null} */
  #answered = null;
  /** @type {Figures} */
  #base;
  #turn = 0;
  #askedAt = 0;
  #isAsking = false;
  #isWaiting = false;
  /** Something came after the last request. */
  #isStale = false;

  /**
   * @param {object} parts
   * @param {Channel<AnalyticsRequests, AnalyticsEvents>} parts.channel
   * @param {Clock} parts.clock the server's
   * @param {string} parts.zone
   * @param {Figures} parts.live of all time
   * @param {(now: number) => TimeRange} parts.timeRange the chosen range at a time
   */
  constructor({ channel, clock, zone, live, timeRange }) {
    super();
    this.live = live;
    this.#base = live;
    this.#channel = channel;
    this.#clock = clock;
    this.#zone = zone;
    this.#chosen = timeRange;
    this.timeRange = timeRange(clock.now());
  }

  #channel;
  #clock;
  #zone;
  #chosen;

  /** Show a plot of these metrics from now on. @param {string} name @param {string[]} metrics */
  draw(name, metrics, { isCompared = false } = {}) {
    const plot = { name, metrics, isCompared, lines: [], isLoading: true };
    this.plots.set(name, plot);
    return plot;
  }

  /** Another metric in a plot that is there. @param {string} name @param {string[]} metrics */
  async change(name, metrics) {
    const plot = this.draw(name, metrics, {
      isCompared: this.plots.get(name)?.isCompared ?? false,
    });
    this.emit("plot", plot);
    await this.#tried(this.#load(plot, this.#turn));
  }

  /** Choose another range. @param {(now: number) => TimeRange} timeRange */
  async look(timeRange) {
    this.#chosen = timeRange;
    await this.load();
  }

  /** Request everything: at the start, for another range, or after a lost connection. */
  async load() {
    this.#turn += 1;
    this.timeRange = this.#chosen(this.#clock.now());
    for (const plot of this.plots.values()) plot.isLoading = true;
    this.emit("timeRange");
    const turn = this.#turn;
    await this.#tried(Promise.all([this.#ask(turn), this.#askBefore(turn), ...this.#loads(turn)]));
  }

  /** @param {Figures} live of all time, as told each second */
  tell(live) {
    this.live = live;
    if (!this.#answered) return;
    this.#show();
    this.#catchUpWhenDue();
  }

  /** At once, or when it may be asked again: there may be no further news that would ask then. */
  #catchUpWhenDue() {
    this.#isStale = true;
    if (!this.timeRange.isLive || this.#isAsking || this.#isWaiting) return;
    const wait_ms = this.#askedAt + STANDS_MS[this.timeRange.step] - this.#clock.now();
    if (wait_ms < 0) return void this.#catchUp();
    this.#isWaiting = true;
    this.#clock.after(wait_ms + 1, () => {
      this.#isWaiting = false;
      if (this.#isStale) this.#catchUpWhenDue();
    });
  }

  /** The range has moved on: drop what left it, and request the newest buckets again. */
  async #catchUp() {
    this.#isAsking = true;
    this.#isStale = false;
    const turn = this.#turn;
    const { from } = this.timeRange;
    this.timeRange = this.#chosen(this.#clock.now());
    // Another bucket left the range: another left the one before.
    if (this.timeRange.from !== from) await this.#tried(this.#askBefore(turn));
    await this.#tried(Promise.all([this.#ask(turn), ...this.#loads(turn, { isTail: true })]));
    this.#isAsking = false;
    if (this.#isStale) this.#catchUpWhenDue();
  }

  /** @param {number} turn */
  #loads(turn, { isTail = false } = {}) {
    return [...this.plots.values()].map((plot) => this.#load(plot, turn, { isTail }));
  }

  /** @param {number} turn */
  async #ask(turn) {
    this.#askedAt = this.#clock.now();
    const { metrics } = await this.#channel.request("metrics", asRequest(this.timeRange));
    if (turn !== this.#turn) return;
    this.#answered = metrics;
    this.#base = this.live;
    this.#show();
  }

  /** @param {number} turn */
  async #askBefore(turn) {
    const { metrics } = await this.#channel.request("metrics", asRequest(this.timeRange.before));
    if (turn !== this.#turn) return;
    this.before = metrics;
    this.emit("figures");
  }

  #show() {
    if (!this.#answered) return;
    const { isLive } = this.timeRange;
    this.figures = isLive ? runningFigures(this.#answered, this.#base, this.live) : this.#answered;
    this.emit("figures");
  }

  /** @param {Plot} plot @param {number} turn */
  async #load(plot, turn, { isTail = false } = {}) {
    const lines = await Promise.all(
      plot.metrics.map((metric, i) => this.#line(plot, metric, isTail ? plot.lines[i] : undefined)),
    );
    if (turn !== this.#turn || this.plots.get(plot.name) !== plot) return;
    plot.lines = lines;
    plot.isLoading = false;
    this.emit("plot", plot);
  }

  /** @param {Plot} plot @param {string} metric @param {Line | undefined} held @returns {Promise<Line>} */
  async #line({ isCompared }, metric, held) {
    const { from, to, step, before } = this.timeRange;
    const last = held?.points.at(-1);
    // The last two: what happened at the end of a bucket may have been written after it.
    const since = last ? Math.max(from, Date.parse(last.at) - STEP_MS[step]) : from;
    const isSame = held?.points[0] && Date.parse(held.points[0].at) >= from;
    const [points, earlier] = await Promise.all([
      this.#points(metric, { from: since, to }),
      // The whole of the time before, also where this one has not come so far yet.
      isCompared && !isSame
        ? this.#points(metric, { from: before.from, to: from })
        : (held?.before ?? []),
    ]);
    return { metric, points: mergedPoints(held?.points ?? [], points, from), before: earlier };
  }

  /** @param {string} metric @param {{ from: number, to: number }} span */
  async #points(metric, span) {
    const range = { ...asRequest(span), step: this.timeRange.step, zone: this.#zone };
    return (await this.#channel.request("series", { metric, ...range })).points;
  }

  /** Report a failure; the next live figures cause another try. @param {Promise<unknown>} asked */
  async #tried(asked) {
    await asked.catch((error) => this.emit("trouble", error));
  }
}
