/**
 * The line over the conversation: the room's name, its topic, and the ways to people and settings.
 */
import { number, t, tn } from "../../core/i18n.js";
import { dot, paintDot } from "../../core/ui/avatar.js";
import { el, icon, part, typed } from "../../core/ui/dom.js";
import { openMenu } from "../../core/ui/menu.js";

/** @import { Presence, Room } from "../types.d.ts" */

/**
 * @typedef {object} HeadOptions
 * @property {() => void} [onMenu]
 * @property {() => void} [onPeople]
 * @property {() => void} [onSettings]
 * @property {() => void} [onPins]
 * @property {() => import("../../core/ui/menu.js").Choice[]} [finds] what leads to messages of the room
 */

export class RoomHeadView {
  /** @param {HTMLElement} root @param {HeadOptions} options */
  constructor(root, options) {
    this.title = part(root, "title");
    this.topic = part(root, "topic");
    this.people = part(root, "people");
    this.settings = part(root, "settings");
    this.count = part(root, "count");
    this.pins = part(root, "pins");
    this.pins.addEventListener("click", () => options.onPins?.());
    /** @type {Room | null} */
    this.room = null;
    /** @type {Presence} */
    this.presence = new Map();
    part(root, "menu").addEventListener("click", () => options.onMenu?.());
    this.people.addEventListener("click", () => options.onPeople?.());
    this.finds = part(root, "finds");
    this.finds.addEventListener("click", () => openMenu(this.finds, options.finds?.() ?? []));
    this.settings.addEventListener("click", () => options.onSettings?.());
  }

  /** @param {Room | null} room null: no such room. @param {number | null} [people] */
  set(room, people = null) {
    this.room = room;
    const name = room ? (room.with?.name ?? room.name) : t("No such room");
    this.#showTitle(room, name);
    this.topic.textContent = room?.topic ?? "";
    this.topic.title = room?.topic ?? "";
    this.people.hidden = !room;
    this.finds.hidden = !room;
    this.settings.hidden = !room || room.kind === "direct";
    this.count.textContent = people === null ? "" : number(people);
  }

  /** Only where it is another one: the name of a person may have the focus. @param {Room | null} room @param {string} name */
  #showTitle(room, name) {
    const key = JSON.stringify([room?.id, room?.kind, room?.with?.id, name, room?.archived]);
    if (this.title.dataset.shows === key) return this.setPresence(this.presence);
    this.title.dataset.shows = key;
    const person = room?.kind === "direct" ? room.with : null;
    const words = person
      ? el("button.person-name", { type: "button", dir: "auto", "data-person": person.id }, name)
      : typed("span", name);
    this.title.replaceChildren(...(room ? [this.#mark(room)] : []), words);
    if (room?.archived) this.title.append(el("span.badge", t("archived")));
  }

  /** @param {number} count of pinned messages */
  setPins(count) {
    this.pins.hidden = count === 0;
    const words = tn("{n} pinned message", "{n} pinned messages", count);
    this.pins.title = words;
    this.pins.setAttribute("aria-label", words);
    part(this.pins, "pin-count").textContent = String(count);
  }

  /** @param {Presence} presence */
  setPresence(presence) {
    this.presence = presence;
    const mark = this.title.querySelector(".dot");
    if (mark instanceof HTMLElement) paintDot(mark, this.#stateOfOther());
  }

  #stateOfOther() {
    return this.presence.get(this.room?.with?.id ?? "") ?? "offline";
  }

  /** @param {Room} room */
  #mark(room) {
    if (room.kind === "direct") return dot(this.#stateOfOther());
    return icon(room.kind === "private" ? "lock" : "hash");
  }
}
