/** The sentence for notifications that stand together: "7 new messages in workshop from 4 people". No DOM. */
import { counted, isolated, namesInLine } from "../core/ui/format.js";

/** @import { Notification } from "./types.d.ts" */

const NAMED = 2;

/** The noun of each category, singular and plural. @type {Record<string, [string, string]>} */
const KINDS = {
  mention: ["mention", "mentions"],
  direct: ["new message", "new messages"],
  message: ["new message", "new messages"],
  reply: ["reply", "replies"],
  reaction: ["reaction", "reactions"],
  invitation: ["invitation", "invitations"],
  announcement: ["announcement", "announcements"],
};

/**
 * The sentence for several that stand together.
 * @param {Notification[]} items at least two
 * @param {(item: Notification) => string | undefined} [placeOf] the name of the room it is about
 */
export function groupSentence(items, placeOf = placeInLink) {
  const categories = new Set(items.map((item) => item.category));
  const [category = ""] = categories.size === 1 ? categories : [];
  const titles = new Set(items.map((item) => item.title));
  const [one, many] = KINDS[category] ?? [];
  if (!one && titles.size === 1) return `${items[0]?.title} (${items.length})`;
  return [
    counted(items.length, one ?? "new notification", many),
    category !== "direct" && inPlace(items, placeOf),
    fromPeople(items),
  ]
    .filter(Boolean)
    .join(" ");
}

/** @param {Notification[]} items @param {(item: Notification) => string | undefined} placeOf */
function inPlace(items, placeOf) {
  const places = new Set(items.map(placeOf));
  const [place] = places;
  return places.size === 1 && place ? `in ${isolated(place)}` : "";
}

/** @param {Notification[]} items */
function fromPeople(items) {
  const people = new Map(items.flatMap(({ actor }) => (actor ? [[actor.id, actor.name]] : [])));
  if (people.size === 0) return "";
  const names = [...people.values()];
  return `from ${people.size > NAMED ? counted(people.size, "person", "people") : namesInLine(names.map(isolated))}`;
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
