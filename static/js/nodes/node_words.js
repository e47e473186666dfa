/** The words for a node's figures on the admins' page of nodes. No DOM. */
import { LOCALE, t } from "../core/i18n.js";

const numbers = new Intl.NumberFormat(LOCALE);

/**
 * @typedef {object} NodeFigures one of the answer of `GET /api/admin/nodes`
 * @property {string} id
 * @property {string} state
 * @property {Record<string, number>} connections by transport
 * @property {number} people_online
 * @property {{ lag_ms: number | null }} bus
 */

/** @param {NodeFigures} node */
export function connectionCount({ connections }) {
  return Object.values(connections).reduce((sum, count) => sum + count, 0);
}

/**
 * The texts of the cells of a node's row, by `data-shows`.
 * @param {NodeFigures} node
 * @returns {Record<string, string>}
 */
export function nodeWords(node) {
  const open = Object.entries(node.connections).filter(([, count]) => count > 0);
  const { lag_ms } = node.bus;
  return {
    state: stateWord(node.state),
    connections: numbers.format(connectionCount(node)),
    transports: open.map(([kind, count]) => `${kind}\u00a0${numbers.format(count)}`).join(", "),
    people: numbers.format(node.people_online),
    lag: lag_ms === null ? "" : t("{ms} ms late", { ms: Math.round(lag_ms) }),
  };
}

/** @param {string} state */
function stateWord(state) {
  switch (state) {
    case "up":
      return t("in service");
    case "draining":
      return t("draining");
    case "stopping":
      return t("stopping");
    default:
      return state;
  }
}
