/**
 * "Jump to…": Ctrl+K (Cmd+K) finds a room or a person by a few letters.
 */
import { matchScore } from "../../core/name_match.js";
import { dot } from "../../core/ui/avatar.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { nextIndex } from "../../core/ui/roving_focus.js";

/** @import { Member, Room } from "../types.d.ts" */

/** @typedef {{ id: string, title: string, note: string, mark: Element, weight: number, go: () => void }} Target */

/**
 * @typedef {object} SwitcherOptions
 * @property {() => Room[]} rooms
 * @property {() => Member[]} people
 * @property {(slug: string) => void} onOpen
 * @property {(user: string) => void} [onDirect]
 */

const MOST_ROWS = 10;

export class RoomSwitcher {
  /** @param {SwitcherOptions} options */
  constructor(options) {
    this.options = options;
    this.input = el("input", {
      type: "text",
      dir: "auto",
      role: "combobox",
      placeholder: "Jump to a room or a person",
      "aria-label": "Jump to a room or a person",
      "aria-expanded": "true",
      "aria-controls": "switcher-list",
      "aria-autocomplete": "list",
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#search(),
    });
    this.list = el("div.switcher-list", {
      id: "switcher-list",
      role: "listbox",
      "aria-label": "Rooms and people",
    });
    this.dialog = el("dialog.dialog.switcher", { "aria-label": "Jump to" }, this.input, this.list);
    /** @type {Target[]} */
    this.found = [];
    this.index = 0;
    this.#listen();
  }

  #listen() {
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (this.dialog.open) this.dialog.close();
      else this.open();
    });
    this.dialog.addEventListener("keydown", (event) => this.#press(event));
    this.dialog.addEventListener(
      "click",
      (event) => event.target === this.dialog && this.dialog.close(),
    );
    this.dialog.addEventListener("close", () => this.dialog.remove());
  }

  open() {
    if (document.querySelector("dialog[open]")) return;
    document.body.append(this.dialog);
    this.input.value = "";
    this.#search();
    this.dialog.showModal();
    this.input.focus();
  }

  #search() {
    const letters = this.input.value;
    this.found = [...this.#rooms(), ...this.#people()]
      .map((target) => ({
        target,
        score: letters.trim() ? matchScore(target.title, letters) * 10 : 1,
      }))
      .filter(({ score }) => score > 0)
      .sort((a, b) => b.score + b.target.weight - a.score - a.target.weight)
      .slice(0, MOST_ROWS)
      .map(({ target }) => target);
    this.index = 0;
    this.#paint();
  }

  /** @returns {Target[]} */
  #rooms() {
    return this.options.rooms().map((room) => ({
      id: room.id,
      title: room.with?.name ?? room.name,
      note: room.mentions ? `${room.mentions} for you` : room.unread ? "unread" : "",
      mark:
        room.kind === "direct" ? icon("people") : icon(room.kind === "private" ? "lock" : "hash"),
      weight: (room.mentions ? 3 : 0) + (room.unread ? 2 : 0) + 1,
      go: () => this.options.onOpen(room.slug),
    }));
  }

  /** People with whom there is no direct room yet. @returns {Target[]} */
  #people() {
    const { onDirect } = this.options;
    if (!onDirect) return [];
    const known = new Set(this.options.rooms().map((room) => room.with?.id));
    return this.options
      .people()
      .filter((member) => !known.has(member.id))
      .map((member) => ({
        id: member.id,
        title: member.name,
        note: `@${member.username}`,
        mark: dot(member.state),
        weight: 0,
        go: () => onDirect(member.id),
      }));
  }

  #paint() {
    const rows = this.found.map((target, index) => this.#row(target, index));
    this.list.replaceChildren(...rows);
    if (!rows.length)
      this.list.append(
        el(
          "p.switcher-none",
          {
            role: "option",
            "aria-disabled": "true",
            "aria-selected": "false",
          },
          "Nothing by that name.",
        ),
      );
    this.#mark();
  }

  #mark() {
    [...this.list.children].forEach((row, index) => {
      row.setAttribute("aria-selected", String(index === this.index && this.found.length > 0));
    });
    const row = this.list.children[this.index];
    if (this.found.length) this.input.setAttribute("aria-activedescendant", row?.id ?? "");
    else this.input.removeAttribute("aria-activedescendant");
    row?.scrollIntoView({ block: "nearest" });
  }

  /** @param {Target} target @param {number} index */
  #row(target, index) {
    return el(
      "div.switcher-row",
      {
        role: "option",
        id: `switcher-${index}`,
        onclick: () => this.#go(target),
      },
      target.mark,
      typed("span.room-name", target.title),
      target.note && el("span", target.note),
    );
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    const target = this.found[this.index];
    if (event.key === "Enter" && target) this.#go(target);
    else if (event.key === "ArrowDown" || event.key === "ArrowUp")
      this.index = nextIndex(event.key, this.index, this.found.length) ?? 0;
    else return;
    event.preventDefault();
    this.#mark();
  }

  /** @param {Target} target */
  #go(target) {
    this.dialog.close();
    target.go();
  }
}
