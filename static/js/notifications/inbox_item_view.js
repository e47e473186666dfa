/**
 * One line of the inbox: a notification, or several of one kind that can be unfolded.
 */
import { t } from "../core/i18n.js";
import { paintAvatar } from "../core/ui/avatar.js";
import { el, icon, iconButton, typed } from "../core/ui/dom.js";
import { bodyOf, groupSentence, titleOf } from "./group_sentence.js";

/** @import { Notification } from "./types.d.ts" */
/** @import { Group } from "./grouping.js" */
/** @import { Calendar } from "../core/ui/format.js" */

/**
 * @typedef {object} ItemOptions
 * @property {Calendar} calendar
 * @property {(item: Notification) => void} onOpen
 * @property {(ids: string[]) => void} onRead
 * @property {(ids: string[]) => void} onArchive
 * @property {(item: Notification) => string | undefined} [placeOf] the name of the room it is about
 */

/** The icon of each category, for items without a person. @type {Record<string, string>} */
const ICONS = {
  mention: "at",
  direct: "reply",
  reply: "reply",
  reaction: "smile",
  invitation: "invite",
  announcement: "megaphone",
};

/** The names of Parley's own categories; those of programs count as "other". @type {Record<string, string>} */
export const CATEGORY_WORDS = {
  mention: t("Mention"),
  direct: t("Direct message"),
  reply: t("Reply"),
  reaction: t("Reaction"),
  invitation: t("Invitation"),
  announcement: t("Announcement"),
  message: t("Message"),
  system: t("System"),
};

/** A person's initials, or the sign of the category. @param {Notification} item */
export function avatarOf(item) {
  const isPersons = item.actor && item.category !== "announcement" && item.category in ICONS;
  const mark = el("span.avatar.small", { "aria-hidden": "true" });
  if (item.actor && (isPersons || item.category === "message")) paintAvatar(mark, item.actor);
  else {
    mark.classList.add("is-sign");
    mark.append(icon(ICONS[item.category] ?? "bell", "small"));
  }
  return mark;
}

/**
 * @param {Group} group
 * @param {ItemOptions} options
 * @param {boolean} isUnfolded
 * @param {(isUnfolded: boolean) => void} onFold
 */
export function inboxItem(group, options, isUnfolded, onFold) {
  const [item] = group.items;
  if (!item) throw new Error("A line needs a notification.");
  return group.items.length === 1
    ? single(item, group.key, options)
    : several(group, item, options, isUnfolded, onFold);
}

/** A sentence of Parley's runs as the page does, whoever's name it begins with. @param {string} title @param {Notification} item */
export function titleLine(title, item) {
  const isSentence = item.room || title !== item.title;
  return isSentence ? el("span.inbox-item-title", title) : typed("span.inbox-item-title", title);
}

/** @param {Notification} item @param {string} key @param {ItemOptions} options */
function single(item, key, options) {
  const link = el(
    "a.inbox-item-link",
    {
      href: `/notifications/${encodeURIComponent(item.id)}`,
      onclick: (/** @type {MouseEvent} */ event) => {
        // A click with a modifier opens another tab, as links do; the server marks it as read.
        if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
        event.preventDefault();
        options.onOpen(item);
      },
    },
    avatarOf(item),
    words(titleOf(item), item, options.calendar, item.read ? "" : t("unread")),
  );
  const attributes = {
    class: `inbox-item ${item.read ? "" : "is-unread"}`.trim(),
    "data-key": key,
  };
  return el("li", attributes, link, actions([item], options));
}

/**
 * @param {Group} group
 * @param {Notification} newest
 * @param {ItemOptions} options
 * @param {boolean} isUnfolded
 * @param {(isUnfolded: boolean) => void} onFold
 */
function several({ key, items }, newest, options, isUnfolded, onFold) {
  const members = el(
    "ul.inbox-item-members",
    { hidden: !isUnfolded },
    ...items.map((item) => single(item, `${key}/${item.id}`, options)),
  );
  const fold = el(
    "button.inbox-item-link",
    {
      type: "button",
      "aria-expanded": String(isUnfolded),
      onclick: () => {
        members.hidden = !members.hidden;
        fold.setAttribute("aria-expanded", String(!members.hidden));
        onFold(!members.hidden);
      },
    },
    avatarOf(newest),
    words(groupSentence(items, options.placeOf), newest, options.calendar, t("unread")),
    icon("fold", "small inbox-item-fold"),
  );
  return el(
    "li.inbox-item.is-unread.is-group",
    { "data-key": key },
    fold,
    actions(items, options),
    members,
  );
}

/** @param {string} title @param {Notification} item @param {Calendar} calendar @param {string} state */
function words(title, item, calendar, state) {
  const isToday = calendar.isToday(item.timestamp);
  const when = isToday ? calendar.time(item.timestamp) : calendar.day(item.timestamp);
  return el(
    "span.inbox-item-words",
    titleLine(title, item),
    item.body && typed("span.inbox-item-text", bodyOf(item, 220)),
    el(
      "span.inbox-item-meta",
      el("time", { datetime: item.timestamp, title: calendar.exact(item.timestamp) }, when),
      ` · ${CATEGORY_WORDS[item.category] ?? item.category}`,
      state && el("span.visually-hidden", `, ${state}`),
    ),
  );
}

/** @param {Notification[]} items @param {ItemOptions} options */
function actions(items, { onRead, onArchive }) {
  const ids = items.map(({ id }) => id);
  const isOpen = items.some(({ read }) => !read);
  const isOne = items.length === 1;
  const read = isOne ? t("Mark as read") : t("Mark all of these as read");
  const archive = isOne ? t("Archive") : t("Archive all of these");
  const buttons = [
    isOpen ? iconButton("check", read, () => onRead(ids)) : null,
    iconButton("archive", archive, () => onArchive(ids)),
  ];
  // The right arrow leads from the line to its buttons: Tab passes the whole list in one step.
  for (const button of buttons) if (button) button.tabIndex = -1;
  return el("span.inbox-item-actions", ...buttons);
}
