/** A field in which people are chosen, several of them, by any part of their names. */
import { t } from "../../core/i18n.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { SearchList } from "../../core/ui/search_list.js";
import { ranked } from "./directory.js";

/** @import { FoundPerson } from "../types.d.ts" */
/** @import { Candidate, Directory } from "./directory.js" */

export class PeopleField {
  /** @type {Map<string, FoundPerson>} */
  #chosen = new Map();

  /**
   * @param {object} options
   * @param {Directory} options.directory
   * @param {string} options.label
   * @param {string} [options.hint]
   * @param {string} [options.room] an id: its members are shown and can't be chosen
   */
  constructor({ directory, label, hint, room }) {
    this.#directory = directory;
    this.#room = room;
    this.#search = new SearchList({
      name: "people-field",
      label,
      placeholder: t("Name or username"),
      listLabel: t("People"),
      none: (letters) => (letters ? t("Nobody by that name.") : t("Type a name to find somebody.")),
      here: (letters) => ranked(this.#choices(directory.nearby(), letters), letters),
      elsewhere: async (letters) => {
        const people = await directory.people(letters, room);
        const found = new Set(people.map(({ id }) => id));
        // The server knows who is in the room, so its answer goes first.
        const choices = this.#choices([...people, ...directory.nearby()], letters);
        return ranked(choices, letters, found);
      },
      onChoose: ({ id }) => this.#choose(id),
    });
    this.#chips = el("ul.people-chips", { "aria-label": t("Chosen") });
    this.element = el(
      "div.field.people-field",
      el("span.field-label", { "aria-hidden": "true" }, label),
      this.#chips,
      this.#search.input,
      this.#search.list,
      this.#search.status,
      hint && el("span.hint", hint),
    );
    this.#search.input.name = "user";
    this.#search.search();
  }

  #directory;
  #room;
  #search;
  #chips;
  /** @type {Map<string, FoundPerson>} */
  #seen = new Map();

  /** The ids of those who are chosen. */
  get ids() {
    return [...this.#chosen.keys()];
  }

  /** @param {string} id */
  drop(id) {
    this.#chosen.delete(id);
    this.#paint();
  }

  /**
   * Those of the room can't be chosen: they are shown where somebody looks for them.
   * @param {FoundPerson[]} people @param {string} letters @returns {Candidate[]}
   */
  #choices(people, letters) {
    const inRoom = this.#room !== undefined;
    const members = new Set(people.flatMap(({ id, member }) => (member ? [id] : [])));
    return people
      .filter(({ id }) => !this.#chosen.has(id) && (!inRoom || letters || !members.has(id)))
      .map((person) => {
        this.#seen.set(person.id, person);
        const choice = this.#directory.personChoice(person, () => {});
        if (!inRoom || !person.member) return { ...choice, weight: inRoom ? 0 : choice.weight };
        return { ...choice, weight: -1, disabled: true, note: t("is in this room") };
      });
  }

  /** @param {string} id */
  #choose(id) {
    const person = this.#seen.get(id);
    if (!person) return;
    this.#chosen.set(id, person);
    this.#search.input.value = "";
    this.#paint();
    this.#search.input.focus();
  }

  #paint() {
    this.#chips.replaceChildren(
      ...[...this.#chosen.values()].map(({ id, name }) =>
        el(
          "li",
          el(
            "button.chip",
            {
              type: "button",
              title: name,
              "aria-label": t("Remove {name}", { name }),
              onclick: () => {
                this.drop(id);
                this.#search.input.focus();
              },
            },
            typed("span", name),
            icon("close", "small"),
          ),
        ),
      ),
    );
    this.#search.search();
  }
}
