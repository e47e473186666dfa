/**
 * "Jump to…": Ctrl+K (Cmd+K) finds a room or a person by any part of a name: my rooms, the open rooms
 * that I am not in, and all people.
 */
import { t, tn } from "../../core/i18n.js";
import { el } from "../../core/ui/dom.js";
import { SearchList } from "../../core/ui/search_list.js";
import { ranked } from "../directory/directory.js";

/** @import { Candidate, Directory } from "../directory/directory.js" */
/** @import { FoundPerson, FoundRoom, Room } from "../types.d.ts" */

/**
 * @typedef {object} SwitcherOptions
 * @property {Directory} directory
 * @property {() => Room[]} rooms mine
 * @property {(slug: string) => void} onOpen
 * @property {(user: string) => void} onDirect
 */

const MOST_ROWS = 20;
/** My own rooms come before all else that matches as well. */
const MINE = 4;

export class RoomSwitcher {
  /** @param {SwitcherOptions} options */
  constructor(options) {
    this.#options = options;
    this.#search = new SearchList({
      name: "switcher",
      label: t("Jump to a room or a person"),
      placeholder: t("Jump to a room or a person"),
      listLabel: t("Rooms and people"),
      none: () => t("Nothing by that name."),
      here: (letters) => this.#here(letters),
      elsewhere: (letters) => this.#elsewhere(letters),
      onChoose: (choice) => {
        this.#dialog.close();
        choice.go();
      },
    });
    this.#dialog = el(
      "dialog.dialog.switcher",
      { "aria-label": t("Jump to") },
      this.#search.input,
      this.#search.list,
      this.#search.status,
    );
    this.#listen();
  }

  #options;
  #search;
  #dialog;

  #listen() {
    document.addEventListener("keydown", (event) => {
      if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      if (this.#dialog.open) this.#dialog.close();
      else this.open();
    });
    this.#dialog.addEventListener(
      "click",
      (event) => event.target === this.#dialog && this.#dialog.close(),
    );
    this.#dialog.addEventListener("close", () => this.#dialog.remove());
  }

  open() {
    if (document.querySelector("dialog[open]")) return;
    document.body.append(this.#dialog);
    this.#search.input.value = "";
    this.#search.search();
    this.#dialog.showModal();
    this.#search.input.focus();
  }

  /** @param {string} letters */
  #here(letters) {
    const { directory } = this.#options;
    const people = letters ? directory.nearby() : [];
    return ranked([...this.#mine(), ...this.#people(people)], letters).slice(0, MOST_ROWS);
  }

  /** @param {string} letters */
  async #elsewhere(letters) {
    const { directory } = this.#options;
    if (!letters) return this.#here(letters);
    const [people, open] = await Promise.all([
      directory.people(letters),
      directory.rooms({ query: letters }),
    ]);
    const near = [...this.#mine(), ...this.#people(directory.nearby())];
    const far = [...this.#people(people), ...this.#open(open.items)];
    const found = new Set([...people, ...open.items].map(({ id }) => id));
    return ranked([...near, ...far], letters, found).slice(0, MOST_ROWS);
  }

  /** @returns {Candidate[]} */
  #mine() {
    const { directory, onOpen } = this.#options;
    // Of those that match as well, the most recent first.
    const rooms = this.#options
      .rooms()
      .sort((a, b) => (b.active_at ?? "").localeCompare(a.active_at ?? ""));
    return rooms.map((room) => ({
      ...directory.roomChoice(room, () => onOpen(room.slug)),
      names: room.with ? [room.with.name, room.with.username ?? ""] : [room.name],
      note: room.mentions
        ? tn("{n} for you", "{n} for you", room.mentions)
        : room.unread
          ? t("unread")
          : "",
      weight: MINE + (room.mentions ? 3 : 0) + (room.unread ? 2 : 0) + (room.archived ? -2 : 0),
    }));
  }

  /** @param {FoundRoom[]} rooms @returns {Candidate[]} */
  #open(rooms) {
    const { directory, onOpen } = this.#options;
    return rooms.map((room) => ({
      ...directory.roomChoice(room, () => onOpen(room.slug)),
      note: t("not joined"),
    }));
  }

  /** People with whom there is no direct room yet. @param {FoundPerson[]} people @returns {Candidate[]} */
  #people(people) {
    const { directory, rooms, onDirect } = this.#options;
    const known = new Set(rooms().map((room) => room.with?.id));
    return people
      .filter(({ id }) => !known.has(id))
      .map((person) => directory.personChoice(person, () => onDirect(person.id)));
  }
}
