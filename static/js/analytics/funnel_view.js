/** The funnel: how many visitors got through up to five event types in order. */
import { t } from "../core/i18n.js";
import { el, iconButton, part } from "../core/ui/dom.js";
import { LatestAnswer } from "./latest_answer.js";
import { count, share } from "./number_format.js";
import { Panel } from "./panel.js";
import { setOptions } from "./select_options.js";

/** @import { Table } from "./table_export.js" */
/** @import { FunnelStep } from "./types.d.ts" */

/** @typedef {{ funnel: (steps: string[]) => Promise<FunnelStep[]>, isCut: () => boolean, onTrouble: (error: unknown) => void }} Asks `isCut`: whether not the whole range is asked */

const MOST = 5;
const LEAST = 2;
const USUAL = 3;
export class FunnelView {
  #latest = new LatestAnswer();
  /** @type {string[]} */
  #types = [];
  /** @type {string[]} */
  #steps = [];
  /** @type {FunnelStep[]} */
  #answer = [];

  /** @param {HTMLElement} root @param {Asks} asks */
  constructor(root, asks) {
    this.panel = new Panel(root, () => this.#toTable());
    this.#asks = asks;
    this.#list = part(root, "steps");
    this.#result = part(root, "result");
  }

  #asks;
  #list;
  #result;

  /** @param {string[]} types @param {string[]} usual the first steps that are looked at */
  types(types, usual) {
    if (types.join("\n") === this.#types.join("\n")) return;
    this.#types = types;
    if (this.#steps.length < LEAST) this.#steps = usual.slice(0, USUAL);
    this.#show();
  }

  /** Ask again for the current range. */
  async refresh() {
    if (this.#steps.length < LEAST) return;
    try {
      const answer = await this.#latest.of(this.#asks.funnel(this.#steps));
      if (!answer) return;
      this.#answer = answer;
      this.#fill();
      this.panel.changed();
    } catch (error) {
      this.#asks.onTrouble(error);
    }
  }

  /** @param {string[]} steps @param {number} focus */
  #change(steps, focus) {
    this.#steps = steps;
    this.#answer = [];
    this.#show();
    const selects = [...this.#list.querySelectorAll("select")];
    selects[Math.min(focus, selects.length - 1)]?.focus();
    this.refresh();
  }

  #show() {
    const rows = this.#steps.map((step, i) => this.#row(step, i));
    const last = this.#steps.length;
    const unused = this.#types.find((type) => !this.#steps.includes(type)) ?? this.#types[0];
    const add =
      last < MOST && unused && last >= LEAST
        ? el(
            "li.funnel-add",
            el(
              "button.text-button",
              {
                type: "button",
                onclick: () => this.#change([...this.#steps, unused], last),
              },
              t("Add a step"),
            ),
          )
        : null;
    this.#list.replaceChildren(...rows, ...(add ? [add] : []));
    this.#fill();
  }

  /** @param {string} step @param {number} place */
  #row(step, place) {
    const select = el("select", {
      "aria-label": t("Step {n}", { n: place + 1 }),
      onchange: () => this.#change(this.#steps.with(place, select.value), place),
    });
    setOptions(
      select,
      this.#types.map((type) => [type, type]),
    );
    select.value = step;
    const remove = iconButton("close", t("Remove step {n}", { n: place + 1 }), () =>
      this.#change(this.#steps.toSpliced(place, 1), place),
    );
    remove.disabled = this.#steps.length <= LEAST;
    return el(
      "li.funnel-step",
      el(
        "div.funnel-line",
        select,
        el("b", { "data-n": true }, "–"),
        el("span", { "data-share": true }),
        remove,
      ),
      el("div.funnel-bar", { "aria-hidden": "true" }, el("i", { "data-bar": true })),
    );
  }

  #fill() {
    const rows = [...this.#list.querySelectorAll(".funnel-step")];
    const first = this.#answer[0]?.visitors ?? 0;
    for (const [i, row] of rows.entries()) {
      const n = this.#answer[i]?.visitors;
      part(row, "n").textContent = count(n);
      part(row, "share").textContent = n === undefined ? "" : share(n, first);
      part(row, "bar").style.setProperty("--share", String(first && n ? n / first : 0));
    }
    const last = this.#answer.at(-1)?.visitors ?? 0;
    this.#result.textContent = this.#answer.length ? this.#resultWords(last, first) : "";
  }

  /** @param {number} last @param {number} first */
  #resultWords(last, first) {
    const values = { last: count(last), first: count(first), share: share(last, first) };
    return this.#asks.isCut()
      ? t("{last} of {first} visitors went all the way in the last 30 days ({share}).", values)
      : t("{last} of {first} visitors went all the way ({share}).", values);
  }

  /** @returns {Table} */
  #toTable() {
    return {
      head: [t("Step"), t("Visitors")],
      rows: this.#answer.map(({ event_type, visitors }) => [event_type, visitors]),
    };
  }
}
