/** A list of names with counts, the largest first, each with a bar relative to the largest. */
import { arrange, el, part } from "../core/ui/dom.js";
import { setText } from "./figures_view.js";
import { count } from "./number_format.js";

/** @import { Named } from "./types.d.ts" */

export class BarListView {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #chosen = "";

  /** @param {HTMLElement} root has [data-bars] and [data-empty] @param {(name: string) => void} [onPick] */
  constructor(root, onPick) {
    this.#list = part(root, "bars");
    this.#empty = part(root, "empty");
    this.#onPick = onPick;
  }

  #list;
  #empty;
  #onPick;

  /**
   * @param {Named[]} items the most first
   * @param {{ note?: (item: Named) => string, label?: (name: string) => string }} [how] `label`: what
   *     is shown in place of a name; its title has both
   */
  show(items, { note, label = (name) => name } = {}) {
    const most = Math.max(1, ...items.map(({ n }) => n));
    const rows = items.map((item) => {
      const row = this.#rows.get(item.name) ?? this.#row(item.name);
      row.style.setProperty("--share", String(item.n / most));
      const words = label(item.name);
      setText(part(row, "name"), words);
      part(row, "name").title = words === item.name ? words : `${words} · ${item.name}`;
      setText(part(row, "n"), count(item.n));
      setText(part(row, "note"), note?.(item) ?? "");
      return row;
    });
    this.#rows = new Map(items.map(({ name }, i) => [name, /** @type {HTMLElement} */ (rows[i])]));
    arrange(this.#list, rows);
    this.#empty.hidden = items.length > 0;
    this.#mark();
  }

  /** @param {string} name the chosen row, "" for none */
  choose(name) {
    this.#chosen = name;
    this.#mark();
  }

  #mark() {
    if (!this.#onPick) return;
    for (const [name, row] of this.#rows)
      row.firstElementChild?.setAttribute("aria-pressed", String(name === this.#chosen));
  }

  /** @param {string} name */
  #row(name) {
    const words = [
      el("span.bar-name", { dir: "auto", "data-name": true }, name),
      el("span.bar-note", { "data-note": true }),
      el("span.bar-n", { "data-n": true }),
    ];
    const pick = this.#onPick;
    const inner = pick
      ? el("button.bar", { type: "button", onclick: () => pick(name) }, ...words)
      : el("div.bar", ...words);
    return el("li", inner);
  }
}
