/**
 * One uPlot chart: lines over time in the page's colours, a hair line that follows the pointer or the
 * arrow keys, and the values there in words. It keeps the place that the style sheet gives it.
 */
import uPlot from "uplot";
import { preferences } from "../core/preferences.js";
import { el } from "../core/ui/dom.js";
import { scale } from "./number_format.js";

/** @import { ZoneClock } from "./number_format.js" */

/** @typedef {{ colour: string, dash?: number[], fill?: boolean, bars?: boolean, width?: number }} Stroke `colour`: a custom property of the style sheet */
/** @typedef {{ label: string, colour: string, value: string, isQuiet?: boolean }} Reading */
/** @typedef {{ zoneClock: ZoneClock, label: string, read: (index: number) => { time: string, readings: Reading[] } }} Words */

const FONT = "12px";
/** In px, for numbers of four characters: the chart keeps its place while they get longer. */
const SCALE_WIDTH = 42;
const INCREMENTS = [...Array(13)].flatMap((_, i) => [1, 2, 5].map((n) => n * 10 ** i));

export class Plot {
  /** @type {uPlot | null} */
  #chart = null;
  #shape = "";

  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
    this.#tip = el("div.plot-tip", { hidden: true });
    this.#note = el("p.plot-note", { hidden: true });
    root.append(this.#note, this.#tip);
    root.addEventListener("keydown", (event) => this.#press(event));
    root.addEventListener("focus", () => root.matches(":focus-visible") && this.#point(this.#last));
    root.addEventListener("blur", () => this.#leave());
    new ResizeObserver(() => this.#chart?.setSize(this.#size)).observe(root);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.#renew());
    preferences.on("theme", () => this.#renew());
  }

  #tip;
  #note;
  /** @type {{ data: uPlot.AlignedData, strokes: Stroke[], words: Words } | null} */
  #shown = null;

  /**
   * @param {uPlot.AlignedData} data times in seconds, then a column for each stroke
   * @param {Stroke[]} strokes
   * @param {Words} words
   */
  show(data, strokes, words) {
    this.#shown = { data, strokes, words };
    const shape = JSON.stringify(strokes);
    if (this.#chart && shape === this.#shape) this.#chart.setData(data);
    else this.#renew();
    this.#shape = shape;
    this.#say(this.#chart?.cursor.idx ?? this.#last);
    this.#move();
  }

  /** A word where there is nothing to draw. @param {string} text */
  note(text) {
    this.#note.textContent = text;
    this.#note.hidden = text === "";
  }

  get #last() {
    return (this.#shown?.data[0].length ?? 0) - 1;
  }

  get #size() {
    return { width: this.root.clientWidth, height: this.root.clientHeight };
  }

  #renew() {
    if (!this.#shown) return;
    this.#chart?.destroy();
    const { data, strokes, words } = this.#shown;
    this.#chart = new uPlot(this.#options(strokes, words), data, this.root);
  }

  /** @param {Stroke[]} strokes @param {Words} words @returns {uPlot.Options} */
  #options(strokes, { zoneClock }) {
    const style = getComputedStyle(this.root);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const font = `${FONT} ${style.fontFamily}`;
    const isBars = strokes.some(({ bars }) => bars);
    const quiet = { stroke: colour("--muted"), font, ticks: { show: false } };
    return {
      ...this.#size,
      padding: [10, 22, 0, 4],
      legend: { show: false },
      cursor: {
        y: false,
        move: (chart, left, top) => [nearest(chart, left), top],
        drag: { x: false, y: false },
        points: { size: 8, width: 2, fill: (u, i) => strokeOf(u, i), stroke: colour("--surface") },
      },
      tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), zoneClock.zone),
      scales: {
        x: { range: (chart, first, last) => within(chart, first, last, isBars) },
        y: { range: (_, __, most) => [0, ceiling(most)] },
      },
      axes: [
        {
          ...quiet,
          size: 28,
          gap: 6,
          space: 76,
          grid: { show: false },
          values: (_, ticks, __, ___, apart_s) => zoneClock.ticks(ticks, apart_s),
        },
        {
          ...quiet,
          size: SCALE_WIDTH,
          gap: 6,
          space: 44,
          incrs: INCREMENTS,
          grid: { stroke: colour("--line"), width: 1 },
          values: (_, ticks) => ticks.map(scale),
        },
      ],
      series: [{}, ...strokes.map((stroke) => drawn(stroke, colour))],
      hooks: { setCursor: [() => this.#move()] },
    };
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    const at = this.#chart?.cursor.idx ?? this.#last;
    const stride = Math.max(1, Math.round(this.#last / 10));
    /** @type {Record<string, number>} */
    const places = {
      ArrowLeft: at - 1,
      ArrowDown: at - 1,
      ArrowRight: at + 1,
      ArrowUp: at + 1,
      PageDown: at - stride,
      PageUp: at + stride,
      Home: 0,
      End: this.#last,
    };
    const place = places[event.key];
    if (event.key === "Escape") this.#leave();
    if (place === undefined) return;
    event.preventDefault();
    this.#point(Math.max(0, Math.min(place, this.#last)));
  }

  /** @param {number} index */
  #point(index) {
    const at = this.#shown?.data[0][index];
    if (!this.#chart || at === undefined) return;
    this.#chart.setCursor({ left: this.#chart.valToPos(at, "x"), top: 10 });
  }

  #leave() {
    this.#chart?.setCursor({ left: -10, top: -10 });
  }

  /** The values stand beside the hair line, on the side that has room. */
  #move() {
    const { left = -10, idx } = this.#chart?.cursor ?? {};
    const isShown = left >= 0 && idx !== null && idx !== undefined && idx <= this.#last;
    this.#tip.hidden = !isShown;
    if (!isShown || !this.#chart || !this.#shown) return;
    this.#say(idx);
    const { time, readings } = this.#shown.words.read(idx);
    this.#tip.replaceChildren(el("strong", time), ...readings.map(line));
    const x = left + this.#chart.bbox.left / devicePixelRatio;
    const room = this.root.clientWidth - x;
    const width = this.#tip.offsetWidth;
    const beside = room > width + 20 ? x + 12 : Math.max(0, x - width - 12);
    this.#tip.style.setProperty("transform", `translateX(${Math.round(beside)}px)`);
  }

  /** For those who hear the chart: a slider, once it has something to read. @param {number} index */
  #say(index) {
    if (!this.#shown || index < 0) return;
    const { label, read } = this.#shown.words;
    const { time, readings } = read(index);
    const text = readings.map((each) => `${each.label} ${each.value}`).join(", ");
    this.root.tabIndex = 0;
    this.root.setAttribute("role", "slider");
    this.root.setAttribute("aria-label", label);
    this.root.setAttribute("aria-valuemin", "0");
    this.root.setAttribute("aria-valuemax", String(this.#last));
    this.root.setAttribute("aria-valuenow", String(index));
    this.root.setAttribute("aria-valuetext", `${time}: ${text}`);
  }
}

/** @param {Reading} reading */
function line({ label, colour, value, isQuiet = false }) {
  const swatch = el("i.swatch");
  swatch.style.setProperty("--swatch", `var(${colour})`);
  return el("span", { class: isQuiet ? "is-quiet" : null }, swatch, label, el("b", value));
}

/** @param {uPlot} chart @param {number} index */
function strokeOf(chart, index) {
  const { stroke } = chart.series[index] ?? {};
  return String(typeof stroke === "function" ? stroke(chart, index) : stroke);
}

/** The place of the point nearest to the pointer: the hair line goes from one to the next. @param {uPlot} chart @param {number} left */
function nearest(chart, left) {
  const at = left < 0 ? undefined : chart.data[0][chart.posToIdx(left)];
  return at === undefined ? left : chart.valToPos(at, "x");
}

/** Bars want half of their place on both sides. @param {uPlot} chart @param {number} first @param {number} last @param {boolean} isBars @returns {[number, number]} */
function within({ data }, first, last, isBars) {
  const [one, two] = data[0];
  const apart = one !== undefined && two !== undefined ? two - one : 3600;
  const half = isBars || first === last ? apart / 2 : 0;
  return [first - half, last + half];
}

/** A round number over the most, so that the scale stands still while values go on. @param {number | null} most */
function ceiling(most) {
  if (!most || most <= 0) return 4;
  const least = most * 1.08;
  const power = 10 ** Math.floor(Math.log10(least));
  const rounds = [1, 1.2, 1.6, 2, 2.4, 3, 4, 5, 6, 8, 10];
  return power * (rounds.find((each) => each * power >= least) ?? 10);
}

/**
 * @param {Stroke} stroke @param {(name: string) => string} colour
 * @returns {uPlot.Series}
 */
function drawn({ colour: name, dash, fill = false, bars = false, width = 2 }, colour) {
  return {
    stroke: colour(name),
    width: bars ? 0 : width,
    ...(dash && { dash }),
    ...(fill && {
      fill: (/** @type {uPlot} */ chart) =>
        fading(chart, colour("--plot-fill"), colour("--surface")),
    }),
    ...(bars && {
      fill: colour(name),
      paths: uPlot.paths.bars?.({ size: [0.7, 28], radius: 0.15 }),
    }),
    // A value with none beside it has no line: it is shown as a point.
    points: { show: !bars, size: 5, fill: colour(name), filter: alone },
  };
}

/** @param {uPlot} chart @param {string} from @param {string} to */
function fading(chart, from, to) {
  const { top, height } = chart.bbox;
  const gradient = chart.ctx.createLinearGradient(0, top, 0, top + height);
  gradient.addColorStop(0, from);
  gradient.addColorStop(1, to);
  return gradient;
}

/** @param {uPlot} chart @param {number} series @returns {number[]} */
function alone(chart, series) {
  const values = chart.data[series] ?? [];
  const isThere = (/** @type {number} */ i) => values[i] !== null && values[i] !== undefined;
  return [...values.keys()].filter((i) => isThere(i) && !isThere(i - 1) && !isThere(i + 1));
}
