/**
 * Fills the page's one message template: for what is committed, what is on its way, and notes.
 */
import { t, tn } from "../../core/i18n.js";
import { setServerHtml } from "../../core/trusted_types.js";
import { paintAvatar } from "../../core/ui/avatar.js";
import { el, icon, part } from "../../core/ui/dom.js";
import { isolated, namesInLine, oneLine, quoted } from "../../core/ui/format.js";
import { markLanguage } from "../../core/ui/script_language.js";
import { countOf } from "../rooms/own_reactions.js";
import { membershipSentence } from "./membership_fold.js";
import { paintFold, putContent } from "./message_content.js";
import { peopleIn, systemWords } from "./system_words.js";

/** @import { Message, Pending, Me, SystemNote } from "../types.d.ts" */
/** @import { Calendar } from "../../core/ui/format.js" */
/** @import { Folds } from "./folds.js" */

/**
 * @typedef {object} Surroundings The context that a message is painted in.
 * @property {Me} me
 * @property {Calendar} calendar
 * @property {(id: string) => Message | undefined} find A held message, for the quote of a reply.
 * @property {(id: string) => string | undefined} nameOf A member's name, for the reactions; undefined where it is not known.
 * @property {Folds} folds
 * @property {boolean} isReadOnly
 */

/**
 * @param {HTMLElement} element A clone of the template.
 * @param {Message} message
 * @param {Surroundings} around
 */
export function paintMessage(element, message, around) {
  paintHead(element, message, around.calendar);
  const isMine = message.by?.id === around.me.id;
  element.classList.remove("is-plain", "is-sending", "is-failed");
  element.classList.toggle("is-mine", isMine);
  element.classList.toggle("is-deleted", Boolean(message.deleted));
  element.dataset.id = message.id;
  element.dataset.seq = String(message.seq);
  const content = part(element, "content");
  if (message.deleted) content.textContent = t("message deleted");
  else putContent(content, message.html, around.me);
  const text = message.deleted ? "" : message.text;
  markLanguage(content, text);
  paintFold(content, { text, isOpen: around.folds.isOpen(message.id) });
  const mark = part(element, "mark");
  const marks = [message.pinned && t("pinned"), message.edited_at && t("edited")];
  mark.textContent = message.deleted ? "" : marks.filter(Boolean).join(" · ");
  element.classList.toggle("is-pinned", Boolean(message.pinned));
  if (message.edited_at)
    mark.title = t("Edited {time}", { time: around.calendar.exact(message.edited_at) });
  part(element, "failure").hidden = true;
  paintQuote(element, message, around);
  paintReactions(element, message, around);
  name(element, message, message.deleted ? t("message deleted") : message.text, around.calendar);
}

/**
 * @param {HTMLElement} element A clone of the template.
 * @param {Pending} pending
 * @param {Surroundings} around
 */
export function paintPending(element, pending, around) {
  const isFailed = pending.state === "failed";
  paintHead(element, pending, around.calendar);
  element.classList.add("is-mine", "is-plain");
  element.classList.toggle("is-failed", isFailed);
  element.classList.toggle("is-sending", !isFailed);
  element.dataset.clientId = pending.client_id;
  const content = part(element, "content");
  content.textContent = pending.text;
  markLanguage(content, pending.text);
  paintFold(content, { text: pending.text, isOpen: around.folds.isOpen(pending.client_id) });
  part(element, "mark").textContent = isFailed ? t("not sent") : t("sending…");
  part(element, "reactions").hidden = true;
  paintQuote(element, pending, around);
  paintFailure(element, pending);
  name(
    element,
    pending,
    `${pending.text}, ${isFailed ? t("not sent") : t("sending")}`,
    around.calendar,
  );
}

/** A quiet line: joined, renamed, left. @param {Message} message @param {Calendar} calendar */
export function systemLine(message, calendar) {
  const time = el("time", { datetime: message.at }, calendar.time(message.at));
  const words = el("span");
  setServerHtml(words, message.html);
  if (message.system) markPeople(words, message.system, message.by?.id ?? "");
  const translated = message.system && systemWords(message.system, [...words.children]);
  if (translated) words.replaceChildren(...translated);
  return el("div.system", { "data-id": message.id, "data-seq": message.seq }, words, time);
}

/** Names that open the card of their person, as ProfileCard knows them. @param {HTMLElement} words @param {SystemNote} system @param {string} by */
function markPeople({ children }, system, by) {
  for (const [at, id] of peopleIn(system, by, children.length).entries())
    if (id)
      for (const [key, value] of Object.entries({ "data-person": id, role: "button", tabindex: 0 }))
        children[at]?.setAttribute(key, String(value));
}

/**
 * Lines about people who came and went, as one with a button that shows them all.
 * @param {Message[]} lines
 * @param {{ isOpen: boolean, onToggle: () => void }} shown
 */
export function foldedLines(lines, { isOpen, onToggle }) {
  const last = lines[lines.length - 1];
  const button = el(
    "button.text-button",
    { type: "button", "aria-expanded": String(isOpen), onclick: onToggle },
    icon("fold", "small"),
    el("span", membershipSentence(lines)),
  );
  return el("div.system.fold", { "data-id": last?.id, "data-seq": last?.seq }, button);
}

/** @param {HTMLElement} element @param {Message | Pending} entry @param {Calendar} calendar */
function paintHead(element, entry, calendar) {
  const by = entry.by ?? { id: "", name: t("former member"), bot: false };
  paintAvatar(part(element, "avatar"), by);
  part(element, "author").textContent = by.name;
  for (const each of ["avatar", "author"]) part(element, each).dataset.person = by.id;
  part(element, "bot").hidden = !("bot" in by && by.bot);
  const time = part(element, "time");
  if (!(time instanceof HTMLTimeElement) || !entry.at) return;
  time.dateTime = entry.at;
  time.textContent = calendar.time(entry.at);
  time.title = calendar.exact(entry.at);
}

/** @param {HTMLElement} element @param {Message | Pending} entry @param {Surroundings} around */
function paintQuote(element, entry, around) {
  const quote = part(element, "quote");
  quote.hidden = !entry.reply_to || ("deleted" in entry && Boolean(entry.deleted));
  if (quote.hidden || !entry.reply_to || !(quote instanceof HTMLButtonElement)) return;
  const original = around.find(entry.reply_to);
  quote.disabled = false;
  quote.dataset.to = entry.reply_to;
  if (!original) quote.textContent = t("in reply to an earlier message");
  else if (original.deleted) quote.textContent = t("in reply to a deleted message");
  else {
    const words = el("bdi", quoted(original.text));
    quote.replaceChildren(el("bdi", original.by.name), ": ", words);
  }
}

/** @param {HTMLElement} element @param {Message} message @param {Surroundings} around */
function paintReactions(element, message, around) {
  const list = part(element, "reactions");
  const given = Object.entries(message.reactions ?? {}).filter(([, users]) => users.length);
  list.hidden = given.length === 0 || Boolean(message.deleted);
  list.replaceChildren(
    ...given.map(([emoji, users]) => chip(emoji, users, countOf(message, emoji), around)),
  );
}

/** @param {string} emoji @param {string[]} users @param {number} count at least as many @param {Surroundings} around */
function chip(emoji, users, count, around) {
  const isMine = users.includes(around.me.id);
  const names = users
    .map((id) => (id === around.me.id ? t("you") : isolated(around.nameOf(id) ?? "")))
    .filter(Boolean);
  // Of a very large room the page does not know all who reacted.
  const who = names.length
    ? namesInLine(names, 8, count - names.length)
    : tn("{n} person", "{n} people", count);
  return el(
    "li",
    el(
      "button.reaction",
      {
        type: "button",
        "data-emoji": emoji,
        "aria-pressed": isMine ? "true" : "false",
        "aria-label": `${emoji} ${count}, ${who}`,
        title: who,
        disabled: around.isReadOnly,
      },
      el("span", emoji),
      el("span", String(count)),
    ),
  );
}

/** @param {HTMLElement} element @param {Pending} pending */
function paintFailure(element, pending) {
  const failure = part(element, "failure");
  failure.hidden = pending.state !== "failed";
  if (failure.hidden) return;
  const choice = (/** @type {string} */ act, /** @type {string} */ label) =>
    el("button.text-button", { type: "button", "data-pending": act }, label);
  failure.replaceChildren(
    el("span", pending.error ?? t("This message could not be sent.")),
    choice("retry", t("Retry")),
    choice("copy", t("Copy")),
    choice("discard", t("Discard")),
  );
}

/**
 * Sets the label that a screen reader speaks when the message gets the focus.
 * @param {HTMLElement} element
 * @param {Message | Pending} entry
 * @param {string} text
 * @param {Calendar} calendar
 */
function name(element, entry, text, calendar) {
  const who = entry.by?.name ?? t("former member");
  const when = entry.at ? calendar.time(entry.at) : "";
  element.setAttribute("aria-label", `${who}, ${when}: ${oneLine(text, 300)}`);
}
