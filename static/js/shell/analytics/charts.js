/** The charts of the page: which metrics each one draws, and which one of them a person chooses. */

import { listed } from "../../core/analytics/running.js";
import { ChartView } from "../../views/analytics/chart.js";
import { count, title } from "../../views/analytics/words.js";
import { element } from "../account_page.js";

/** @import { Board, Plot } from "../../core/analytics/board.js" */
/** @import { Dial } from "../../views/analytics/words.js" */

const ERRORS_TOLD = 4;
const MAIN = "main-chart";
const LATENCIES = ["ack_p99", "commit_p99", "delivery_p99"];
const TRANSPORTS = ["connections:websocket", "connections:polling"];

/** @type {Record<string, string>} */
const LABELS = {
  ack_p99: "Acknowledgement",
  commit_p99: "Commit",
  delivery_p99: "Delivery",
  "connections:websocket": "WebSocket",
  "connections:polling": "Polling",
};
/** @param {string} metric */
const label = (metric) => LABELS[metric] ?? title(metric);

export class Charts {
  isCompared = true;

  /** @param {{ board: Board, dial: Dial, now: () => number, metric: string }} parts */
  constructor({ board, dial, now, metric }) {
    this.#board = board;
    this.#now = now;
    this.metric = metric;
    this.#views = new Map([
      [MAIN, new ChartView(element(MAIN), { dial })],
      [
        "latency",
        new ChartView(element("latency"), { dial, label, empty: "Nothing was sent in this time." }),
      ],
      [
        "connections",
        new ChartView(element("connections"), {
          dial,
          label,
          empty: "Nobody was connected in this time.",
        }),
      ],
      [
        "errors",
        new ChartView(element("errors"), { dial, bars: true, empty: "No errors in this time." }),
      ],
    ]);
    board.draw(MAIN, [metric], { isCompared: true });
    board.draw("latency", LATENCIES);
    board.draw("connections", TRANSPORTS);
    board.draw("errors", ["errors"]);
    board.on("plot", (plot) => this.#show(plot));
    board.on("stretch", () => this.show());
    this.#name();
  }

  #board;
  #now;
  #views;

  /** What the large chart shows. @param {string} metric */
  pick(metric) {
    this.metric = metric;
    this.#name();
    return this.#board.change(MAIN, [metric]);
  }

  /** @param {boolean} isCompared */
  compare(isCompared) {
    this.isCompared = isCompared;
    this.show();
  }

  /** Which errors there were, the commonest first. @param {Record<string, number>} errors */
  tellErrors(errors) {
    const most = listed(errors).slice(0, ERRORS_TOLD);
    this.#views.get("errors")?.tell(most.map(({ name, n }) => [name, count(n)]));
  }

  show() {
    for (const plot of this.#board.plots.values()) this.#show(plot);
  }

  #name() {
    const main = this.#views.get(MAIN);
    if (main) main.panel.title = title(this.metric);
  }

  /** @param {Plot} plot */
  #show(plot) {
    const { stretch } = this.#board;
    const view = this.#views.get(plot.name);
    view?.show({ plot, stretch, now: this.#now(), isCompared: this.isCompared });
  }
}
