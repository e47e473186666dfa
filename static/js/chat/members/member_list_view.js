/**
 * The people of a room, by presence; a press on a name opens their card. Of a very large room those who
 * are held stand here, and a field finds the others.
 */
import { clock } from "../../core/clock.js";
import { compare, t, tn } from "../../core/i18n.js";
import { dot } from "../../core/ui/avatar.js";
import { el, part, typed } from "../../core/ui/dom.js";
import { RovingFocus } from "../../core/ui/roving_focus.js";
import { RoomMembers } from "../rooms/room_members.js";
import { MemberSearch } from "./member_search.js";

/** @import { Me, Member, Presence, PresenceState } from "../types.d.ts" */
/** @import { Ask } from "./member_search.js" */

/**
 * @typedef {object} PeopleOptions
 * @property {Me} me
 * @property {() => void} [onInvite]
 * @property {Ask} ask the server for members of the room that is shown
 * @property {(members: Member[]) => void} onShown these are shown of a very large room
 */

/** @type {[string, PresenceState[]][]} */
const GROUPS = [
  [t("Online"), ["online"]],
  [t("Away"), ["idle", "away"]],
  [t("Offline"), ["offline"]],
];

export class MemberListView {
  /** @type {RoomMembers} */
  #people = new RoomMembers();
  /** @type {Presence} */
  #presence = new Map();

  /** @param {HTMLElement} root @param {PeopleOptions} options */
  constructor(root, options) {
    this.groups = part(root, "groups");
    this.invite = part(root, "invite");
    this.options = options;
    this.search = new MemberSearch(options.ask, clock);
    this.search.on("changed", () => this.#found());
    this.field = el("input", {
      type: "search",
      maxlength: 200,
      placeholder: t("Find a person here"),
      "aria-label": t("Find a person in this room"),
      oninput: () => this.search.look(this.field.value),
    });
    this.searching = el("div.field.people-search", this.field);
    this.searching.hidden = true;
    this.groups.before(this.searching);
    this.roving = new RovingFocus(this.groups, ".person");
    this.invite.addEventListener("click", () => options.onInvite?.());
  }

  /** @param {RoomMembers} people @param {Presence} presence @param {boolean} canInvite */
  show(people, presence, canInvite) {
    if (people !== this.#people) this.#clear();
    this.#people = people;
    this.#presence = presence;
    this.invite.hidden = !canInvite || people.list.length === 0 || !this.options.onInvite;
    this.searching.hidden = !people.isPart;
    this.#paint();
  }

  #clear() {
    this.search.reset();
    this.field.value = "";
  }

  #found() {
    this.options.onShown(this.search.found ?? this.#people.list);
    this.#paint();
  }

  #paint() {
    const focused = this.#focusedId();
    this.groups.replaceChildren(...(this.search.found ? this.#matches() : this.#all()));
    this.roving.settle();
    if (focused) this.#rowOf(focused)?.focus();
  }

  /** @returns {HTMLElement[]} */
  #all() {
    const { isPart, count, online } = this.#people;
    const groups = GROUPS.map(([name, states]) => this.#group(name, states, isPart)).filter(
      (group) => group !== null,
    );
    if (!isPart) return groups;
    const here = el("p.people-count", tn("{n} online", "{n} online", online ?? 0));
    const words = t("Show all {count} people", { count });
    return [here, ...groups, this.#way(words, () => this.search.all())];
  }

  /** @returns {HTMLElement[]} */
  #matches() {
    const { found, more } = this.search;
    if (!found?.length) return [el("p.people-count", { role: "status" }, t("No person found."))];
    const list = el("section.people-group", ...found.map((member) => this.#row(member)));
    return more ? [list, this.#way(t("Show more"), () => this.search.next())] : [list];
  }

  /** @param {string} words @param {() => Promise<void>} go */
  #way(words, go) {
    const button = el("button.button.quiet.people-more", { type: "button" }, words);
    button.addEventListener("click", async () => {
      button.disabled = true;
      const from = this.search.found?.length ?? 0;
      await go();
      button.disabled = false;
      this.roving.stops[from]?.focus();
    });
    return button;
  }

  /** @param {string} name @param {PresenceState[]} states @param {boolean} isPart */
  #group(name, states, isPart) {
    const members = this.#people.list
      .filter((member) => states.includes(this.#stateOf(member)))
      .sort((a, b) => compare(a.name, b.name));
    if (!members.length) return null;
    return el(
      "section.people-group",
      el(
        "h3",
        isPart ? name : t("{group}, {count}", { group: name, count: members.length }),
        el("span.last-known", " · ", t("last known")),
      ),
      ...members.map((member) => this.#row(member)),
    );
  }

  /** @param {Member} member */
  #row(member) {
    const state = this.#stateOf(member);
    const isMe = member.id === this.options.me.id;
    const note = [isMe && t("you"), member.bot && t("bot"), member.role === "owner" && t("owner")]
      .filter(Boolean)
      .join(", ");
    return el(
      "button",
      {
        type: "button",
        class: `person is-${state}`,
        "data-id": member.id,
        title: `@${member.username}`,
        "data-person": member.id,
      },
      dot(state),
      typed("span.person-name", member.name),
      note && el("span.person-note", note),
    );
  }

  /** @param {Member} member */
  #stateOf(member) {
    return this.#presence.get(member.id) ?? member.state;
  }

  #focusedId() {
    const focused = document.activeElement;
    const isHere = focused instanceof HTMLElement && this.groups.contains(focused);
    return isHere ? focused.dataset.id : undefined;
  }

  /** @param {string} id */
  #rowOf(id) {
    return this.roving.stops.find((row) => row.dataset.id === id);
  }
}
