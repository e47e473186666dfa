/** The breakdown of one event type by the values of one property. */
import { t, tn } from "../core/i18n.js";
import { part } from "../core/ui/dom.js";
import { BarListView } from "./bar_list_view.js";
import { shown } from "./event_feed_view.js";
import { setText } from "./figures_view.js";
import { LatestAnswer } from "./latest_answer.js";
import { count, share } from "./number_format.js";
import { Panel } from "./panel.js";
import { selectOf, setOptions } from "./select_options.js";

/** @import { Table } from "./table_export.js" */
/** @import { Breakdown } from "./types.d.ts" */

/** @typedef {{ properties: (type: string) => Promise<string[]>, breakdown: (type: string, property: string) => Promise<Breakdown>, isCut: () => boolean, onTrouble: (error: unknown) => void }} Asks `isCut`: whether not the whole range is asked */

const OTHER = t("Other values");
const WITHOUT = t("Without it");

export class BreakdownView {
  #latest = new LatestAnswer();
  /** @type {Breakdown | null} */
  #answer = null;

  /** @param {HTMLElement} root @param {Asks} asks */
  constructor(root, asks) {
    this.panel = new Panel(root, () => this.#toTable());
    this.#asks = asks;
    this.#type = selectOf(root, "type");
    this.#property = selectOf(root, "property");
    this.#total = part(root, "total");
    this.#empty = part(root, "empty");
    this.#bars = new BarListView(root);
    this.#type.addEventListener("change", () => this.refresh());
    this.#property.addEventListener("change", () => this.refresh());
  }

  #asks;
  #type;
  #property;
  #total;
  #empty;
  #bars;

  /** @param {string[]} types @param {string} usual the first that is looked at */
  types(types, usual) {
    const isFirst = this.#type.options.length === 0;
    setOptions(
      this.#type,
      types.map((type) => [type, type]),
    );
    if (isFirst) this.#type.value = usual;
  }

  /** Ask again for the current range. */
  async refresh() {
    if (!this.#type.value) return;
    try {
      const answer = await this.#latest.of(this.#ask());
      if (answer) this.#show(answer);
    } catch (error) {
      this.#asks.onTrouble(error);
    }
  }

  /** @returns {Promise<Breakdown>} */
  async #ask() {
    const type = this.#type.value;
    const properties = await this.#asks.properties(type);
    setOptions(
      this.#property,
      properties.map((name) => [name, name]),
    );
    this.#property.disabled = properties.length === 0;
    if (properties.length === 0) return { values: [], other: 0, total: 0 };
    return this.#asks.breakdown(type, this.#property.value);
  }

  /** @param {Breakdown} answer */
  #show(answer) {
    this.#answer = answer;
    this.#total.textContent = answer.total ? this.#totalWords(answer.total) : "";
    const isWithout = this.#property.disabled;
    setText(
      this.#empty,
      isWithout ? t("Its events have no properties.") : t("No values in this time."),
    );
    this.#bars.show(named(answer), { note: ({ n }) => share(n, answer.total) });
    this.panel.changed();
  }

  /** @param {number} total */
  #totalWords(total) {
    const n = count(total);
    return this.#asks.isCut()
      ? tn("{n} event in the last 30 days", "{n} events in the last 30 days", total, { n })
      : tn("{n} event", "{n} events", total, { n });
  }

  /** @returns {Table} */
  #toTable() {
    const rows = this.#answer ? named(this.#answer).map(({ name, n }) => [name, n]) : [];
    return { head: [this.#property.value || t("Value"), t("Events")], rows };
  }
}

/** @param {Breakdown} answer */
function named({ values, other, without = 0 }) {
  const known = values.map(({ value, n }) => ({ name: nameOf(value, values), n }));
  if (other > 0) known.push({ name: OTHER, n: other });
  if (without > 0) known.push({ name: WITHOUT, n: without });
  return known;
}

/** A text stands for itself, but where the number 1 is there too, "1" needs its marks. @param {unknown} value @param {{ value: unknown }[]} all */
function nameOf(value, all) {
  const name = shown(value);
  const isOnly = all.filter((each) => shown(each.value) === name).length === 1;
  return isOnly ? name : JSON.stringify(value);
}
