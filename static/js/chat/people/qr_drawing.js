/** Draws the rows of a QR code, which the server has computed. */
import { t } from "../../core/i18n.js";

const SVG = "http://www.w3.org/2000/svg";

/** The dark modules as one path of unit squares, each run of a row as one. @param {string[]} rows texts of `1` (dark) and `0` */
export function qrPath(rows) {
  return rows
    .flatMap((row, y) =>
      [...row.matchAll(/1+/gu)].map(
        ({ 0: { length }, index }) => `M${index} ${y}h${length}v1h-${length}z`,
      ),
    )
    .join("");
}

/** @param {string[]} rows @returns {SVGElement} */
export function qrDrawing(rows) {
  const drawing = document.createElementNS(SVG, "svg");
  const path = document.createElementNS(SVG, "path");
  for (const [name, value] of Object.entries({
    class: "invite-qr",
    viewBox: `0 0 ${rows.length} ${rows.length}`,
    role: "img",
    "aria-label": t("QR code"),
  }))
    drawing.setAttribute(name, value);
  path.setAttribute("d", qrPath(rows));
  drawing.append(path);
  return drawing;
}
