/** The frame of a panel: offers its data also as a table and as a file. */
import { el, part } from "../core/ui/dom.js";
import { openMenu } from "../core/ui/menu.js";
import { csv, json } from "./table_export.js";

/** @import { Table } from "./table_export.js" */

export class Panel {
  /**
   * @param {HTMLElement} root
   * @param {() => Table} toTable the data that is shown
   */
  constructor(root, toTable) {
    this.root = root;
    this.body = part(root, "body");
    this.#toTable = toTable;
    this.#table = part(root, "table");
    this.#asTable = part(root, "as-table");
    this.#asTable.addEventListener("click", () => this.#turn());
    const download = part(root, "download");
    download.addEventListener("click", () => this.#offer(download));
  }

  #toTable;
  #table;
  #asTable;

  /** @param {string} text */
  set title(text) {
    const title = part(this.root, "title");
    if (title.textContent !== text) title.textContent = text;
  }

  get title() {
    return part(this.root, "title").textContent ?? "";
  }

  /** The data changed: update the open table. */
  changed() {
    if (!this.#table.hidden) this.#fill();
  }

  #turn() {
    const isTable = this.#table.hidden;
    // The table takes the very place of what it stands for: nothing around it moves.
    this.#table.style.setProperty("height", `${this.body.offsetHeight}px`);
    this.#table.hidden = !isTable;
    this.body.hidden = isTable;
    this.#asTable.setAttribute("aria-pressed", String(isTable));
    this.changed();
  }

  #fill() {
    const { head, rows } = this.#toTable();
    const { scrollTop } = this.#table;
    this.#table.replaceChildren(
      el(
        "table",
        el("thead", el("tr", ...head.map((name) => el("th", { scope: "col" }, name)))),
        el("tbody", ...rows.map((row) => el("tr", ...row.map(cell)))),
      ),
    );
    this.#table.scrollTop = scrollTop;
  }

  /** @param {HTMLElement} button */
  #offer(button) {
    openMenu(button, [
      { label: "CSV", run: () => this.#save("csv", "text/csv", csv(this.#toTable())) },
      { label: "JSON", run: () => this.#save("json", "application/json", json(this.#toTable())) },
    ]);
  }

  /** @param {string} ending @param {string} type @param {string} text */
  #save(ending, type, text) {
    const name = this.title.toLowerCase().replace(/[^a-z0-9]+/gu, "-");
    const href = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
    el("a", { href, download: `${name}.${ending}` }).click();
    // The browser reads it after the click.
    setTimeout(() => URL.revokeObjectURL(href), 10_000);
  }
}

/** @param {string | number | null} value @param {number} column */
function cell(value, column) {
  const text = value === null ? "–" : String(value);
  return column === 0
    ? el("th", { scope: "row" }, text)
    : el("td", { class: typeof value === "number" ? "is-number" : null }, text);
}
