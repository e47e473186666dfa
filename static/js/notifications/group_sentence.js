/** The sentence for notifications that stand together: "7 new messages in workshop from 4 people". No DOM. */
import { serverSentence, t, tn } from "../core/i18n.js";
import { isolated, namesInLine, oneLine, quoted } from "../core/ui/format.js";

/** @import { Notification } from "./types.d.ts" */

const NAMED = 2;

/** How many of each category. @type {Record<string, (n: number) => string>} */
const KINDS = {
  mention: (n) => tn("{n} mention", "{n} mentions", n),
  direct: (n) => tn("{n} new message", "{n} new messages", n),
  message: (n) => tn("{n} new message", "{n} new messages", n),
  reply: (n) => tn("{n} reply", "{n} replies", n),
  reaction: (n) => tn("{n} reaction", "{n} reactions", n),
  invitation: (n) => tn("{n} invitation", "{n} invitations", n),
  announcement: (n) => tn("{n} announcement", "{n} announcements", n),
};

/**
 * The title; one of chat's in the page's language.
 * @param {Notification} item
 */
export function titleOf({ title, room }) {
  return room ? serverSentence(title) : title;
}

/**
 * The first words of what it is about; those of chat's without Markdown's marks.
 * @param {Notification} item @param {number} most characters
 */
export function bodyOf({ body, room }, most) {
  return room ? quoted(body, most) : oneLine(body, most);
}

/**
 * The sentence for several that stand together.
 * @param {Notification[]} items at least two
 * @param {(item: Notification) => string | undefined} [placeOf] the name of the room it is about
 */
export function groupSentence(items, placeOf = placeInLink) {
  const categories = new Set(items.map((item) => item.category));
  const [category = ""] = categories.size === 1 ? categories : [];
  const titles = new Set(items.map((item) => item.title));
  const kind = KINDS[category];
  if (!kind && titles.size === 1) return `${items[0] ? titleOf(items[0]) : ""} (${items.length})`;
  const count = items.length;
  const what = kind ? kind(count) : tn("{n} new notification", "{n} new notifications", count);
  const place = category === "direct" ? "" : commonPlace(items, placeOf);
  const who = people(items);
  if (place && who) return t("{what} in {place} from {who}", { what, place, who });
  if (place) return t("{what} in {place}", { what, place });
  return who ? t("{what} from {who}", { what, who }) : what;
}

/** @param {Notification[]} items @param {(item: Notification) => string | undefined} placeOf */
function commonPlace(items, placeOf) {
  const places = new Set(items.map(placeOf));
  const [place] = places;
  return places.size === 1 && place ? isolated(place) : "";
}

/** @param {Notification[]} items */
function people(items) {
  const people = new Map(items.flatMap(({ actor }) => (actor ? [[actor.id, actor.name]] : [])));
  if (people.size > NAMED) return tn("{n} person", "{n} people", people.size);
  return namesInLine([...people.values()].map(isolated));
}

/** `/rooms/workshop#…` leads to workshop; an id in it says nothing to a person. @param {Notification} item */
export function placeInLink({ link, room }) {
  const place = roomInLink(link);
  return place === room ? undefined : place;
}

/** The slug or id of the room that a link leads to. @param {string | undefined} link */
export function roomInLink(link) {
  const slug = /^\/rooms\/([^/?#]+)/u.exec(link ?? "")?.[1];
  return slug ? decode(slug) : undefined;
}

/** @param {string} slug */
function decode(slug) {
  try {
    return decodeURIComponent(slug);
  } catch {
    return slug;
  }
}
