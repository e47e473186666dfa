/** A panel's data as a table, and its export as CSV and JSON. No I/O. */

/** @typedef {string | number | null} Cell */
/** @typedef {{ head: string[], rows: Cell[][] }} Table */

/** A cell that begins so is a formula to spreadsheets; behind an apostrophe it is text. */
const FORMULA = /^[=+\-@\t\r]/u;

/** RFC 4180, with a line of names first. @param {Table} table */
export function csv({ head, rows }) {
  return [head, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("");
}

/** @param {Cell} value */
function cell(value) {
  if (value === null) return "";
  if (typeof value === "number") return String(value);
  const text = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** A list of objects, by the names of the head. @param {Table} table */
export function json({ head, rows }) {
  const objects = rows.map((row) =>
    Object.fromEntries(head.map((name, i) => [name, row[i] ?? null])),
  );
  return `${JSON.stringify(objects, null, 2)}\n`;
}
