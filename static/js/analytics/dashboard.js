/**
 * What the page shows of a stretch of time: its figures, those of before, and the charts. The server
 * tells the figures of all time each second; what they can't tell of the range (distinct visitors,
 * the newest points of a chart) is asked again after such news, at most once in a while.
 */
import { Emitter } from "../core/emitter.js";
import { running } from "./running_figures.js";
import { merged } from "./series.js";
import { asked, STEP_MS } from "./time_ranges.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { Clock } from "../core/clock.js" */
/** @import { AnalyticsEvents, AnalyticsRequests, Figures, Point, Step, TimeRange } from "./types.d.ts" */

/** @typedef {{ metric: string, points: Point[], before: Point[] }} Line */
/** @typedef {{ name: string, metrics: string[], isCompared: boolean, lines: Line[], isLoading: boolean }} Plot */
/** @typedef {{ figures: [], plot: [Plot], stretch: [], trouble: [unknown] }} Events */

/** How long what is asked again may stand, by the step of the charts. @type {Record<Step, number>} */
const STANDS_MS = { minute: 4_000, hour: 15_000, day: 60_000 };

/** @extends {Emitter<Events>} */
export class Dashboard extends Emitter {
  /** Of the range, as it goes on. @type {Figures | null} */
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

  /**
   * @param {object} parts
   * @param {Channel<AnalyticsRequests, AnalyticsEvents>} parts.channel
   * @param {Clock} parts.clock the server's
   * @param {string} parts.zone
   * @param {Figures} parts.live of all time
   * @param {(now: number) => TimeRange} parts.stretch what is looked at, as it stands now
   */
  constructor({ channel, clock, zone, live, stretch }) {
    super();
    this.live = live;
    this.#base = live;
    this.#channel = channel;
    this.#clock = clock;
    this.#zone = zone;
    this.#chosen = stretch;
    this.stretch = stretch(clock.now());
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

  /** Look at another stretch of time. @param {(now: number) => TimeRange} stretch */
  async look(stretch) {
    this.#chosen = stretch;
    await this.load();
  }

  /** Everything anew: the first time, of another stretch, or after a lost connection. */
  async load() {
    this.#turn += 1;
    this.stretch = this.#chosen(this.#clock.now());
    for (const plot of this.plots.values()) plot.isLoading = true;
    this.emit("stretch");
    const turn = this.#turn;
    await this.#tried(Promise.all([this.#ask(turn), this.#askBefore(turn), ...this.#loads(turn)]));
  }

  /** @param {Figures} live of all time, as told each second */
  tell(live) {
    this.live = live;
    if (!this.#answered) return;
    this.#show();
    if (this.stretch.isLive && this.#isDue()) this.#catchUp();
  }

  #isDue() {
    return !this.#isAsking && this.#clock.now() - this.#askedAt > STANDS_MS[this.stretch.step];
  }

  /** The range has moved on: what left it goes, and the newest buckets are asked for again. */
  async #catchUp() {
    this.#isAsking = true;
    const turn = this.#turn;
    const { from } = this.stretch;
    this.stretch = this.#chosen(this.#clock.now());
    // Another bucket left the range: another left the one before.
    if (this.stretch.from !== from) await this.#tried(this.#askBefore(turn));
    await this.#tried(Promise.all([this.#ask(turn), ...this.#loads(turn, { isTail: true })]));
    this.#isAsking = false;
  }

  /** @param {number} turn */
  #loads(turn, { isTail = false } = {}) {
    return [...this.plots.values()].map((plot) => this.#load(plot, turn, { isTail }));
  }

  /** @param {number} turn */
  async #ask(turn) {
    this.#askedAt = this.#clock.now();
    const { metrics } = await this.#channel.request("metrics", asked(this.stretch));
    if (turn !== this.#turn) return;
    this.#answered = metrics;
    this.#base = this.live;
    this.#show();
  }

  /** @param {number} turn */
  async #askBefore(turn) {
    const { metrics } = await this.#channel.request("metrics", asked(this.stretch.before));
    if (turn !== this.#turn) return;
    this.before = metrics;
    this.emit("figures");
  }

  #show() {
    if (!this.#answered) return;
    const { isLive } = this.stretch;
    this.figures = isLive ? running(this.#answered, this.#base, this.live) : this.#answered;
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
    const { from, to, step, before } = this.stretch;
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
    return { metric, points: merged(held?.points ?? [], points, from), before: earlier };
  }

  /** @param {string} metric @param {{ from: number, to: number }} span */
  async #points(metric, span) {
    const range = { ...asked(span), step: this.stretch.step, zone: this.#zone };
    return (await this.#channel.request("series", { metric, ...range })).points;
  }

  /** What fails is told once; the next news ask again. @param {Promise<unknown>} asked */
  async #tried(asked) {
    await asked.catch((error) => this.emit("trouble", error));
  }
}
