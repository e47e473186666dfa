/** The module of the nodes page: keeps the figures of the nodes current while the page is seen. */
import { tn } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { startNotifications } from "../notifications/start_notifications.js";
import { connectionCount, nodeWords } from "./node_words.js";

/** @import { NodeFigures } from "./node_words.js" */

const EVERY_MS = 2_000;

const rows = /** @type {NodeListOf<HTMLElement>} */ (
  byId("nodes").querySelectorAll("tr[data-node]")
);

async function refresh() {
  if (document.hidden) return;
  const answer = await fetch("/api/admin/nodes", { headers: { Accept: "application/json" } }).catch(
    () => null,
  );
  // The node that answers may be the one that stops; the next request reaches another.
  if (!answer?.ok) return;
  const { items } = /** @type {{ items: NodeFigures[] }} */ (await answer.json());
  const nodes = new Map(items.map((node) => [node.id, node]));
  if (nodes.size !== rows.length || [...rows].some((row) => !nodes.has(row.dataset.node ?? ""))) {
    location.replace("/admin/nodes");
    return;
  }
  for (const row of rows) {
    const node = nodes.get(row.dataset.node ?? "");
    if (node) show(row, node);
  }
  const total = items.reduce((sum, node) => sum + connectionCount(node), 0);
  byId("total").textContent = tn("{n} connection", "{n} connections", total);
}

/** @param {HTMLElement} row @param {NodeFigures} node */
function show(row, node) {
  for (const [name, text] of Object.entries(nodeWords(node))) {
    const place = row.querySelector(`[data-shows="${name}"]`);
    if (place && place.textContent !== text) place.textContent = text;
  }
  const state = row.querySelector('[data-shows="state"]');
  if (state instanceof HTMLElement) state.dataset.state = node.state;
  for (const button of row.querySelectorAll("button"))
    button.hidden = button.dataset.while !== node.state;
}

setInterval(refresh, EVERY_MS);
startNotifications();
