/** The module of the inbox page: the items in the page, live changes, and older pages. */
import { byId } from "../core/ui/dom.js";
import { orShowError } from "../core/ui/prompts.js";
import { CATEGORY_WORDS } from "./inbox_item_view.js";
import { InboxListView } from "./inbox_list_view.js";
import { startNotifications } from "./start_notifications.js";

/** @import { Notification } from "./types.d.ts" */

const PAGE = 50;
/** Pages to fetch for one press of "Show older" where the filter applies only here. */
const PAGES_AT_ONCE = 5;

const notifications = startNotifications();
const { inbox, inboxClient } = notifications;
const root = byId("inbox");
const older = byId("older");
const readAll = byId("read-all");
const category = root.dataset.category ?? "";
const onlyUnread = root.dataset.unread === "true";
const list = new InboxListView(root, notifications.itemOptions);
/** @type {{ items: Notification[], more: boolean }} */
const first = JSON.parse(byId("inbox-snapshot").textContent ?? "");
/** The page has everything from this seq on; "Show older" fetches the rest. */
let floor = floorOf(first);
/** Items that stay visible although they were read meanwhile. @type {Set<string>} */
const kept = new Set(first.items.map(({ id }) => id));

/** @param {{ items: Notification[], more: boolean }} page in seq order */
function floorOf({ items, more }) {
  return more ? (items[0]?.seq ?? 0) : 0;
}

/** @param {Notification} item */
function isWanted(item) {
  if (item.seq < floor || (onlyUnread && item.read && !kept.has(item.id))) return false;
  if (category === "other") return !(item.category in CATEGORY_WORDS) || item.category === "system";
  return !category || item.category === category;
}

function show() {
  const items = inbox.list().filter(isWanted);
  list.set(items);
  byId("inbox-empty").hidden = items.length > 0 || floor > 0;
  older.hidden = floor === 0;
  readAll.hidden = inbox.unread === 0;
}

async function loadOlder() {
  const before = inbox.list().filter(isWanted).length;
  const known = category && category !== "other" ? { category } : {};
  for (let page = 0; page < PAGES_AT_ONCE && floor > 0; page += 1) {
    const answer = await orShowError(
      inboxClient.older({ before: floor, limit: PAGE, unread: onlyUnread, ...known }),
    );
    if (!answer) return;
    floor = floorOf(answer);
    show();
    if (inbox.list().filter(isWanted).length > before) return;
  }
}

inbox.listed(first.items);
inbox.on("changed", show);
older.addEventListener("click", loadOlder);
readAll.addEventListener("click", () => orShowError(inboxClient.readAll()));
show();
