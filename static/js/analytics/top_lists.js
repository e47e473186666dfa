/** The lists of top pages, event types and referrers. */
import { t } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { BarListView } from "./bar_list_view.js";
import { Panel } from "./panel.js";
import { byCount, listed } from "./running_figures.js";

/** @import { PageNames } from "./page_names.js" */
/** @import { Figures, Named } from "./types.d.ts" */

class List {
  /** @type {Named[]} */
  #items = [];

  /**
   * @param {string} id
   * @param {string[]} head
   * @param {(name: string) => void} onPick
   * @param {(name: string) => string} label
   */
  constructor(id, head, onPick, label = (name) => name) {
    this.#label = label;
    const root = byId(id);
    this.#panel = new Panel(root, () => ({
      head,
      rows: this.#items.map(({ name, n }) => [label(name), n]),
    }));
    this.bars = new BarListView(root, onPick);
  }

  #panel;
  #label;

  /** @param {Named[]} items the most first */
  show(items) {
    this.#items = items;
    this.bars.show(items, { label: this.#label });
    this.#panel.changed();
  }
}

export class TopLists {
  /** @param {(metric: string) => void} onPick what a row stands for @param {PageNames} pageNames */
  constructor(onPick, pageNames) {
    const list = (
      /** @type {string} */ id,
      /** @type {string} */ kind,
      /** @type {string} */ name,
      /** @type {((name: string) => string) | undefined} */ label = undefined,
    ) => new List(id, [name, t("Events")], (each) => onPick(`${kind}:${each}`), label);
    this.#pageNames = pageNames;
    this.#lists = {
      page: list("pages", "page", t("Page"), (path) => pageNames.label(path)),
      event: list("events", "event", t("Event type")),
      referrer: list("referrers", "referrer", t("Site")),
    };
  }

  #lists;
  #pageNames;

  /** @param {Figures} figures */
  show({ top_pages, referrers, event_counts, page_views }) {
    const views = page_views > 0 ? [{ name: "page_view", n: page_views }] : [];
    this.#lists.page.show(top_pages);
    this.#pageNames.ask(top_pages.map(({ name }) => name));
    this.#lists.referrer.show(referrers);
    this.#lists.event.show([...listed(event_counts), ...views].sort(byCount));
  }

  /** @param {string} metric which row it is, if any */
  choose(metric) {
    const [kind = "", ...name] = metric.split(":");
    for (const [each, { bars }] of Object.entries(this.#lists))
      bars.choose(each === kind ? name.join(":") : "");
  }
}
