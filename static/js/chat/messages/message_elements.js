/**
 * What is written in the conversation's list: the held messages, their elements, and the order they
 * stand in. `messages.js` decides when; where the reader is does not matter here.
 */
import { arrange, el } from "../../core/ui/dom.js";
import { Calendar } from "../../core/ui/format.js";
import { lines, merge } from "./message_rows.js";
import { paintMessage, paintPending, systemLine } from "./message_view.js";

/** @import { Me, Member, Message, Pending, Room, RoomView } from "../types.d.ts" */
/** @import { Line } from "./message_rows.js" */

/** Past this many, the oldest are let go; `KEPT` stay. */
const MOST = 1500;
const KEPT = 1000;

export class MessageElements {
  /** @type {Room | null} */
  room = null;
  /** In seq order. @type {Message[]} */
  items = [];
  /** @type {Pending[]} */
  pending = [];
  /** @type {Member[]} */
  members = [];
  /** The New line stands after this seq. @type {number | null} */
  newAfter = null;
  newLine = el("div", { class: "new-line" }, "New");
  /** By message id, or by client_id while on its way. @type {Map<string, HTMLElement>} */
  elements = new Map();
  /** @type {Map<string, HTMLElement>} */
  days = new Map();

  /** @param {HTMLElement} list @param {HTMLTemplateElement} template @param {Me} me */
  constructor(list, template, me) {
    this.list = list;
    this.template = template;
    this.me = me;
    // UTC is what an account starts with: nobody chose it, the device's own zone is the better guess.
    this.calendar = new Calendar(me.time_zone === "UTC" ? undefined : me.time_zone);
  }

  /** Another room, or none: nothing of the one before stays. @param {RoomView | null} view */
  turn(view) {
    this.room = view?.room ?? null;
    this.items = [];
    this.pending = view?.pending ?? [];
    this.members = view?.members ?? [];
    this.newAfter = null;
    this.elements.clear();
    this.days.clear();
    this.list.replaceChildren();
    merge(this.items, view?.items ?? []);
    this.paint(this.items);
  }

  get last() {
    return this.items[this.items.length - 1];
  }

  /** Nobody has written here. */
  get isEmpty() {
    return this.items.every((item) => item.system) && !this.pending.length;
  }

  get isReadOnly() {
    return !this.room || this.room.archived || this.room.member === false;
  }

  /** @param {string} id */
  find(id) {
    return this.items.find((item) => item.id === id);
  }

  /** @param {string} id */
  nameOf(id) {
    const member = this.members.find((each) => each.id === id);
    return member?.name ?? this.items.find((item) => item.by?.id === id)?.by.name ?? "someone";
  }

  lastOwn() {
    const isMine = (/** @type {Message} */ item) =>
      this.isOwn(item) && !item.deleted && !item.system;
    return this.items.filter(isMine).pop() ?? null;
  }

  /** @param {Message} message */
  isOwn(message) {
    return message.by?.id === this.me.id;
  }

  /** What is on its way and not shown as committed: acknowledgement and batch come in either order. */
  unsent() {
    const own = this.items.filter((item) => this.isOwn(item));
    const committed = new Set(own.map((item) => item.client_id));
    return this.pending.filter((each) => !committed.has(each.client_id));
  }

  /** @param {Message[]} messages And the quotes of them. */
  paint(messages) {
    for (const message of messages) this.#paintOne(message);
    const ids = new Set(messages.map((item) => item.id));
    for (const item of this.items)
      if (item.reply_to && ids.has(item.reply_to) && !ids.has(item.id)) this.#paintOne(item);
  }

  /** Brings the list to what is held, with the fewest moves. */
  arrange() {
    const pending = this.unsent();
    this.#forget(pending);
    const dayKey = (/** @type {string} */ at) => this.calendar.dayKey(at);
    const { newAfter } = this;
    const shown = lines(this.items, pending, { dayKey, newAfter, me: this.me.id });
    arrange(
      this.list,
      shown.map((line) => this.#elementFor(line)),
    );
  }

  /** A tab that stays open for a month does not grow for a month. @returns {boolean} Whether some went. */
  letGo() {
    if (this.items.length <= MOST) return false;
    this.items.splice(0, this.items.length - KEPT);
    return true;
  }

  /** @param {Message} message */
  #paintOne(message) {
    if (message.system && !message.deleted)
      this.elements.set(message.id, systemLine(message, this.calendar));
    else paintMessage(this.#elementOf(message), message, this);
  }

  /** What was on its way keeps its element when it is committed, so that focus stays. @param {Message} message */
  #elementOf(message) {
    const sent = this.isOwn(message) ? (message.client_id ?? "") : "";
    const element = this.elements.get(message.id) ?? this.elements.get(sent) ?? this.#clone();
    this.elements.delete(sent);
    this.elements.set(message.id, element);
    return element;
  }

  #clone() {
    const first = /** @type {Element} */ (this.template.content.firstElementChild);
    return /** @type {HTMLElement} */ (document.importNode(first, true));
  }

  /** @param {Line} line @returns {HTMLElement} */
  #elementFor(line) {
    if (line.kind === "new") return this.newLine;
    if (line.kind === "day") return this.#day(line.key, line.at);
    const element =
      line.kind === "message"
        ? /** @type {HTMLElement} */ (this.elements.get(line.message.id))
        : this.#pendingElement(line.pending);
    element.classList.toggle("is-continued", line.isContinued);
    return element;
  }

  /** @param {Pending} pending */
  #pendingElement(pending) {
    const element = this.elements.get(pending.client_id) ?? this.#clone();
    this.elements.set(pending.client_id, element);
    paintPending(element, pending, this);
    return element;
  }

  /** @param {string} key @param {string} at */
  #day(key, at) {
    const line = this.days.get(key) ?? el("div", { class: "day" });
    const words = this.calendar.day(at);
    if (line.textContent !== words) line.replaceChildren(el("span", {}, words));
    this.days.set(key, line);
    return line;
  }

  /** The elements of what was discarded or let go. @param {Pending[]} pending */
  #forget(pending) {
    const held = new Set(this.items.map((item) => item.id));
    for (const each of pending) held.add(each.client_id);
    for (const key of this.elements.keys()) if (!held.has(key)) this.elements.delete(key);
  }
}
