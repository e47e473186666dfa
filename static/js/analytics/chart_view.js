/** A panel with a chart: its lines, its legend, and the same as a table. */
import { t } from "../core/i18n.js";
import { el, part, typed } from "../core/ui/dom.js";
import { formatOf, title } from "./number_format.js";
import { Panel } from "./panel.js";
import { Plot } from "./plot.js";
import { columns } from "./series.js";

/** @import { Line, Plot as Drawn } from "./dashboard.js" */
/** @import { Table } from "./table_export.js" */
/** @import { TimeRange } from "./types.d.ts" */
/** @import { Reading, Stroke } from "./plot.js" */
/** @import { ZoneClock } from "./number_format.js" */

/** The dash tells lines apart where colours don't. */
const STROKES = [
  { colour: "--plot-1" },
  { colour: "--plot-2", dash: [6, 3] },
  { colour: "--plot-3", dash: [2, 3] },
];
const BEFORE = { colour: "--plot-before", dash: [4, 4], width: 1.5 };

/** @typedef {{ plot: Drawn, timeRange: TimeRange, now: number, isCompared: boolean }} Shown */

export class ChartView {
  /** @type {Shown | null} */
  #shown = null;
  #legendText = "";

  /**
   * @param {HTMLElement} root
   * @param {object} how
   * @param {ZoneClock} how.zoneClock
   * @param {boolean} [how.bars]
   * @param {string} [how.empty] what is said where nothing was
   * @param {(metric: string) => string} [how.label] of a line
   */
  constructor(
    root,
    { zoneClock, bars = false, empty = t("Nothing in this time."), label = title },
  ) {
    this.panel = new Panel(root, () => this.#toTable());
    this.#plot = new Plot(part(root, "plot"));
    this.#legend = part(root, "legend");
    this.#zoneClock = zoneClock;
    this.#bars = bars;
    this.#empty = empty;
    this.#label = label;
  }

  #plot;
  #legend;
  #zoneClock;
  #bars;
  #empty;
  #label;

  /** @param {Shown} shown */
  show(shown) {
    this.#shown = shown;
    const { plot } = shown;
    this.panel.root.toggleAttribute("data-loading", plot.isLoading);
    this.panel.root.setAttribute("aria-busy", String(plot.isLoading));
    if (plot.lines.length === 0) return;
    this.#draw(shown);
    this.#showLegend(shown);
    this.panel.changed();
  }

  /** Figures where a chart of one line needs no legend. @param {[string, string][]} figures name and value */
  tell(figures) {
    const text = figures.join();
    if (text === this.#legendText) return;
    this.#legendText = text;
    const items = figures.map(([name, value]) => el("li", typed("bdi", name), el("b", value)));
    this.#legend.replaceChildren(...items);
  }

  /** @param {Shown} shown */
  #draw(shown) {
    const { plot } = shown;
    const isOne = plot.lines.length === 1;
    const first = isOne ? columnsOf(shown, /** @type {Line} */ (plot.lines[0])) : null;
    const times = (plot.lines[0]?.points ?? []).map(({ at }) => Date.parse(at) / 1000);
    const words = {
      zoneClock: this.#zoneClock,
      label: this.panel.title,
      read: (/** @type {number} */ index) => this.#read(shown, index),
    };
    if (first && !this.#bars) {
      const strokes = [{ ...STROKES[0], fill: true }, { ...STROKES[0], dash: [3, 3] }, BEFORE];
      const before = shown.isCompared ? first.before : times.map(() => null);
      this.#plot.show(
        [times, first.whole, first.partial, before],
        /** @type {Stroke[]} */ (strokes),
        words,
      );
    } else {
      const strokes = plot.lines.map((_, i) => ({ ...STROKES[i % 3], bars: this.#bars }));
      const data = plot.lines.map(({ points }) => times.map((_, i) => points[i]?.value ?? null));
      this.#plot.show([times, ...data], /** @type {Stroke[]} */ (strokes), words);
    }
    this.#plot.note(isEmpty(plot.lines) ? this.#empty : "");
  }

  /** @param {Shown} shown @param {number} index @returns {{ time: string, readings: Reading[] }} */
  #read({ plot, timeRange, isCompared }, index) {
    const at = plot.lines[0]?.points[index]?.at ?? 0;
    const readings = plot.lines.flatMap(({ metric, points, before }, i) => {
      const format = formatOf(metric);
      const colour = STROKES[i % 3]?.colour ?? "";
      const label = this.#label(metric);
      const now = { label, colour, value: format(points[index]?.value) };
      if (!plot.isCompared || !isCompared) return [now];
      const value = format(before[index]?.value);
      return [now, { label: t("Before"), colour: BEFORE.colour, value, isQuiet: true }];
    });
    return { time: this.#zoneClock.bucket(new Date(at).getTime(), timeRange.step), readings };
  }

  /** @param {Shown} shown */
  #showLegend({ plot, isCompared }) {
    const entries = plot.lines.map(({ metric }, i) => [
      this.#label(metric),
      STROKES[i % 3]?.colour ?? "",
    ]);
    if (plot.isCompared && isCompared) entries.push([t("The time before"), BEFORE.colour]);
    if (this.#bars) return;
    const text = entries.join();
    if (text === this.#legendText) return;
    this.#legendText = text;
    this.#legend.replaceChildren(
      ...entries.map(([label = "", colour = ""], i) => entry(label, colour, i)),
    );
  }

  /** @returns {Table} */
  #toTable() {
    if (!this.#shown) return { head: [t("Time")], rows: [] };
    const { plot, timeRange, isCompared } = this.#shown;
    const withBefore = plot.isCompared && isCompared;
    const head = plot.lines.flatMap(({ metric }) => {
      const label = this.#label(metric);
      return withBefore ? [label, t("{label} before", { label })] : [label];
    });
    const rows = (plot.lines[0]?.points ?? []).map(({ at }, i) => [
      this.#zoneClock.plain(Date.parse(at), timeRange.step),
      ...plot.lines.flatMap(({ points, before }) => {
        const value = rounded(points[i]?.value);
        return withBefore ? [value, rounded(before[i]?.value)] : [value];
      }),
    ]);
    return { head: [t("Time ({zone})", { zone: this.#zoneClock.zone }), ...head], rows };
  }
}

/** @param {Shown} shown @param {Line} line */
function columnsOf({ now, timeRange }, { points, before }) {
  return columns({ points, before, now, step: timeRange.step });
}

/** @param {Line[]} lines */
function isEmpty(lines) {
  return lines.every(({ points }) => points.every(({ value }) => !value));
}

/** @param {number | null | undefined} value */
function rounded(value) {
  return value === null || value === undefined ? null : Math.round(value * 100) / 100;
}

/** @param {string} label @param {string} colour @param {number} place */
function entry(label, colour, place) {
  const swatch = el("i.swatch", {
    "data-dash": String(colour === BEFORE.colour ? 1 : place % 3),
  });
  swatch.style.setProperty("--swatch", `var(${colour})`);
  return el("li", swatch, label);
}
