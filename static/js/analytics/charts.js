/** The page's charts: the metrics of each, and the metric chosen for the main one. */
import { t } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { ChartView } from "./chart_view.js";
import { count, title } from "./number_format.js";
import { listed } from "./running_figures.js";

/** @import { Dashboard, Plot } from "./dashboard.js" */
/** @import { ZoneClock } from "./number_format.js" */

const ERRORS_TOLD = 4;
const MAIN = "main-chart";
const LATENCIES = ["ack_p99", "commit_p99", "delivery_p99"];
const TRANSPORTS = ["connections:websocket", "connections:polling"];

/** @type {Record<string, string>} */
const LABELS = {
  ack_p99: t("Acknowledgement"),
  commit_p99: t("Commit"),
  delivery_p99: t("Delivery"),
  "connections:websocket": "WebSocket",
  "connections:polling": t("Polling"),
};
/** @param {string} metric */
const label = (metric) => LABELS[metric] ?? title(metric);

export class Charts {
  isCompared = true;

  /**
   * @param {object} parts
   * @param {Dashboard} parts.dashboard
   * @param {ZoneClock} parts.zoneClock
   * @param {() => number} parts.now
   * @param {string} parts.metric
   * @param {(path: string) => string} parts.pageLabel
   */
  constructor({ dashboard, zoneClock, now, metric, pageLabel }) {
    this.#dashboard = dashboard;
    this.#now = now;
    this.metric = metric;
    this.#views = new Map([
      [MAIN, new ChartView(byId(MAIN), { zoneClock, label: (each) => title(each, pageLabel) })],
      [
        "latency",
        new ChartView(byId("latency"), {
          zoneClock,
          label,
          empty: t("Nothing was sent in this time."),
        }),
      ],
      [
        "connections",
        new ChartView(byId("connections"), {
          zoneClock,
          label,
          empty: t("Nobody was connected in this time."),
        }),
      ],
      [
        "errors",
        new ChartView(byId("errors"), {
          zoneClock,
          bars: true,
          empty: t("No errors in this time."),
        }),
      ],
    ]);
    dashboard.draw(MAIN, [metric], { isCompared: true });
    dashboard.draw("latency", LATENCIES);
    dashboard.draw("connections", TRANSPORTS);
    dashboard.draw("errors", ["errors"]);
    dashboard.on("plot", (plot) => this.#show(plot));
    dashboard.on("timeRange", () => this.show());
    this.#name();
  }

  #dashboard;
  #now;
  #views;

  /** Choose the metric of the main chart. @param {string} metric */
  pick(metric) {
    this.metric = metric;
    this.#name();
    return this.#dashboard.change(MAIN, [metric]);
  }

  /** @param {boolean} isCompared */
  compare(isCompared) {
    this.isCompared = isCompared;
    this.show();
  }

  /** List the errors, the most common first. @param {Record<string, number>} errors */
  tellErrors(errors) {
    const most = listed(errors).slice(0, ERRORS_TOLD);
    this.#views.get("errors")?.tell(most.map(({ name, n }) => [name, count(n)]));
  }

  show() {
    for (const plot of this.#dashboard.plots.values()) this.#show(plot);
  }

  #name() {
    const main = this.#views.get(MAIN);
    if (main) main.panel.title = title(this.metric);
  }

  /** @param {Plot} plot */
  #show(plot) {
    const { timeRange } = this.#dashboard;
    const view = this.#views.get(plot.name);
    view?.show({ plot, timeRange, now: this.#now(), isCompared: this.isCompared });
  }
}
