/** The module of the page "Check my connection": tries each transport and shows which work. */

import { clock } from "../core/clock.js";
import { t } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { startNotifications } from "../notifications/start_notifications.js";
import { tryEvents, tryPolling, tryWebSocket } from "./probes.js";

/** @import { Found } from "./probes.js" */

/** A clock this much off makes times look wrong. */
const NOTICEABLE_MS = 30_000;

startNotifications();

const again = /** @type {HTMLButtonElement} */ (byId("again"));
again.hidden = false;
again.addEventListener("click", check);
check();

async function check() {
  again.disabled = true;
  byId("verdict").textContent = t("Checking…");
  const sockets = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws`;
  // One after the other: in parallel they would slow each other down.
  const socket = await shown(
    "websocket",
    tryWebSocket((url) => new WebSocket(url), sockets, clock.now),
  );
  const events = await shown(
    "events",
    tryEvents((url) => new EventSource(url), "/api/events", clock.now),
  );
  const polling = await shown("polling", tryPolling(fetch.bind(window), "/socket.io/", clock.now));
  byId("heartbeat").textContent = heartbeat(socket);
  byId("clock").textContent = difference(socket);
  byId("verdict").textContent = verdict(socket, events, polling);
  again.disabled = false;
}

/** @param {string} id @param {Promise<Found>} trying */
async function shown(id, trying) {
  byId(`${id}-state`).textContent = t("Checking…");
  byId(`${id}-took`).textContent = "";
  const found = await trying;
  byId(`${id}-state`).textContent = found.works ? t("Works") : t("Blocked");
  const took = found.took_ms;
  byId(`${id}-took`).textContent = took === undefined ? "—" : milliseconds(took);
  return found;
}

/** @param {number} ms */
function milliseconds(ms) {
  return ms < 1 ? t("less than 1 ms") : t("{ms} ms", { ms: Math.round(ms) });
}

/** @param {Found} socket */
function heartbeat({ heartbeat_ms }) {
  return heartbeat_ms === undefined
    ? "—"
    : t("every {seconds} s", { seconds: heartbeat_ms / 1000 });
}

/** @param {Found} socket */
function difference({ ahead_ms }) {
  if (ahead_ms === undefined) return "—";
  const size = Math.abs(ahead_ms);
  if (size < 1000) return t("right, to within a second");
  const seconds = Math.round(size / 1000);
  const difference =
    ahead_ms > 0 ? t("{seconds} s ahead", { seconds }) : t("{seconds} s behind", { seconds });
  if (size < NOTICEABLE_MS) return difference;
  return t("{difference}: set it right, or times look wrong", { difference });
}

/** @param {Found} socket @param {Found} events @param {Found} polling */
function verdict(socket, events, polling) {
  if (socket.works && events.works && polling.works) return t("Everything works.");
  if (socket.works) return t("Rooms work at full speed; programs may miss what is blocked.");
  if (polling.works)
    return t("Rooms work, a little slower: your network or a proxy blocks WebSockets.");
  return t(
    "This server can’t be reached live. Look at your network, or ask whoever runs the proxy.",
  );
}
