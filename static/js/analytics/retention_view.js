/** The retention table: how many of each week's new visitors came back in later weeks. */
import { t } from "../core/i18n.js";
import { el, part } from "../core/ui/dom.js";
import { count, share } from "./number_format.js";
import { Panel } from "./panel.js";

/** @import { Table } from "./table_export.js" */
/** @import { Cohort } from "./types.d.ts" */
/** @import { ZoneClock } from "./number_format.js" */

/** A share that has the full colour at least. */
const LEAST = 0.25;

export class RetentionView {
  /** @type {Cohort[]} */
  #cohorts = [];

  /** @param {HTMLElement} root @param {ZoneClock} zoneClock */
  constructor(root, zoneClock) {
    this.panel = new Panel(root, () => this.#toTable());
    this.#table = part(root, "cohorts");
    this.#empty = part(root, "empty");
    this.#zoneClock = zoneClock;
  }

  #table;
  #empty;
  #zoneClock;

  /** @param {Cohort[]} cohorts the oldest first */
  show(cohorts) {
    const first = cohorts.findIndex(({ visitors }) => visitors > 0);
    this.#cohorts = first < 0 ? [] : cohorts.slice(first);
    this.#empty.hidden = this.#cohorts.length > 1;
    this.#table.hidden = this.#cohorts.length <= 1;
    const weeks = Math.max(0, ...this.#cohorts.map(({ back }) => back.length));
    const most = Math.max(LEAST, ...this.#cohorts.flatMap(shares));
    const later = [...Array(weeks)].map((_, i) => el("th", { scope: "col" }, `+${i + 1}`));
    this.#table.replaceChildren(
      el(
        "table",
        el(
          "thead",
          el(
            "tr",
            el("th", { scope: "col" }, t("Week of")),
            el("th", { scope: "col" }, t("New")),
            ...later,
          ),
        ),
        el("tbody", ...this.#cohorts.map((cohort) => this.#row(cohort, most))),
      ),
    );
    this.panel.changed();
  }

  /** @param {Cohort} cohort @param {number} most the largest share of all */
  #row({ week, visitors, back }, most) {
    const cells = back.map((n, i) => {
      const isUnderWay = i === back.length - 1;
      const counts = { n: count(n), all: count(visitors) };
      const of = isUnderWay ? t("{n} of {all} so far", counts) : t("{n} of {all}", counts);
      const kind = `heat${isUnderWay ? " is-under-way" : ""}`;
      const words = visitors ? share(n, visitors) : "–";
      const cell = el("td", { class: kind, title: of }, words);
      cell.style.setProperty("--heat", String(visitors ? n / visitors / most : 0));
      return cell;
    });
    return el(
      "tr",
      el("th", { scope: "row" }, this.#zoneClock.weekOf(week)),
      el("td.is-number", count(visitors)),
      ...cells,
    );
  }

  /** @returns {Table} */
  #toTable() {
    const weeks = Math.max(0, ...this.#cohorts.map(({ back }) => back.length));
    const later = [...Array(weeks)].map((_, i) => t("Week {n}", { n: i + 1 }));
    const rows = this.#cohorts.map(({ week, visitors, back }) => [
      week,
      visitors,
      ...later.map((_, i) => back[i] ?? null),
    ]);
    return { head: [t("Week of"), t("New visitors"), ...later], rows };
  }
}

/** @param {Cohort} cohort */
function shares({ visitors, back }) {
  return visitors ? back.map((n) => n / visitors) : [];
}
