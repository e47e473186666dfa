/** The module of the topics page: shows the newest events of one topic live. */

import { RequestError } from "../core/errors.js";
import { t } from "../core/i18n.js";
import { byId } from "../core/ui/dom.js";
import { startNotifications } from "../notifications/start_notifications.js";

/** @import { Channel } from "../core/channel.js" */
/** @import { Connection } from "../core/connection.js" */
/** @import { TopicEvent, TopicEvents, TopicRequests } from "./types.d.ts" */

const SHOWN = 50;
const SHOWN_CHARACTERS = 500;

/** @type {{ topic: string | null, names: Record<string, string> }} */
const { topic, names } = JSON.parse(byId("snapshot").textContent ?? "");

/** @param {Connection} connection */
function join(connection) {
  if (topic) follow(connection.channel("/topics"), topic);
}

/**
 * Each connection begins with the newest events, so nothing is missing after a lost one.
 * @param {Channel<TopicRequests, TopicEvents>} channel @param {string} name
 */
function follow(channel, name) {
  const status = byId("tail-status");
  const ask = () =>
    channel.request("subscribe", { topic: name }).then(({ items }) => {
      items.forEach(show);
      status.textContent = t("Live");
    }, trouble);
  /** @param {unknown} error */
  function trouble(error) {
    if (!(error instanceof RequestError)) throw error;
    status.textContent = error.message;
  }
  channel.on("events", ({ items }) => items.forEach(show));
  channel.on("connect", ask);
  channel.on("disconnect", () => {
    status.textContent = t("Connecting…");
  });
}

/** @param {TopicEvent} event */
function show({ id, data, timestamp, sender }) {
  const tail = byId("tail");
  if ([...tail.children].some((line) => line instanceof HTMLElement && line.dataset.id === id)) {
    return;
  }
  const line = document.createElement("li");
  line.dataset.id = id;
  const words = document.createElement("span");
  const code = document.createElement("code");
  code.dir = "ltr";
  code.textContent = JSON.stringify(data).slice(0, SHOWN_CHARACTERS);
  const meta = document.createElement("span");
  meta.className = "muted";
  const name = document.createElement("bdi");
  name.textContent = names[sender] ?? sender;
  meta.append(`${timestamp} · `, name);
  words.append(code, document.createElement("br"), meta);
  line.append(words);
  tail.prepend(line);
  while (tail.children.length > SHOWN) tail.lastElementChild?.remove();
  byId("tail-empty").hidden = true;
}

startNotifications(join);
