/** The page of all notifications: what the server put into it, then what comes, and older pages. */
import { element, startNotifications } from "./shell/account_page.js";
import { attempt } from "./shell/attempt.js";
import { InboxList } from "./views/inbox_list.js";
import { CATEGORY_WORDS } from "./views/notification.js";

/** @import { Notification } from "./types/notifications.d.ts" */

const PAGE = 50;
/** How far to look by one press for what the server can't filter. */
const PAGES_AT_ONCE = 5;

const notifications = startNotifications();
const { inbox, notices } = notifications;
const root = element("inbox");
const older = element("older");
const readAll = element("read-all");
const category = root.dataset.category ?? "";
const onlyUnread = root.dataset.unread === "true";
const list = new InboxList(root, notifications.line);
/** @type {{ items: Notification[], more: boolean }} */
const first = JSON.parse(element("inbox-snapshot").textContent ?? "");
/** Everything from this seq on is here; older ones wait for "Show older". */
let floor = floorOf(first);
/** Read while they were looked at here: what is shown does not vanish under the eyes. @type {Set<string>} */
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
  element("inbox-empty").hidden = items.length > 0 || floor > 0;
  older.hidden = floor === 0;
  readAll.hidden = inbox.unread === 0;
}

async function loadOlder() {
  const before = inbox.list().filter(isWanted).length;
  const known = category && category !== "other" ? { category } : {};
  for (let page = 0; page < PAGES_AT_ONCE && floor > 0; page += 1) {
    const answer = await attempt(
      notices.older({ before: floor, limit: PAGE, unread: onlyUnread, ...known }),
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
readAll.addEventListener("click", () => attempt(notices.readAll()));
show();
