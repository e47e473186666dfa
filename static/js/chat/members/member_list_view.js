/**
 * The people of a room, by presence; a press on a name opens their card.
 */
import { compare, t } from "../../core/i18n.js";
import { dot } from "../../core/ui/avatar.js";
import { el, part, typed } from "../../core/ui/dom.js";
import { RovingFocus } from "../../core/ui/roving_focus.js";

/** @import { Me, Member, Presence, PresenceState } from "../types.d.ts" */

/**
 * @typedef {object} PeopleOptions
 * @property {Me} me
 * @property {() => void} [onInvite]
 */

/** @type {[string, PresenceState[]][]} */
const GROUPS = [
  [t("Online"), ["online"]],
  [t("Away"), ["idle", "away"]],
  [t("Offline"), ["offline"]],
];

export class MemberListView {
  /** @param {HTMLElement} root @param {PeopleOptions} options */
  constructor(root, options) {
    this.groups = part(root, "groups");
    this.invite = part(root, "invite");
    this.options = options;
    /** @type {Member[]} */
    this.members = [];
    /** @type {Presence} */
    this.presence = new Map();
    this.roving = new RovingFocus(this.groups, ".person");
    this.invite.addEventListener("click", () => options.onInvite?.());
  }

  /** @param {Member[]} members @param {Presence} presence @param {boolean} canInvite */
  show(members, presence, canInvite) {
    this.members = members;
    this.presence = presence;
    this.invite.hidden = !canInvite || members.length === 0 || !this.options.onInvite;
    this.#paint();
  }

  #paint() {
    const focused = this.#focusedId();
    this.groups.replaceChildren(
      ...GROUPS.map(([name, states]) => this.#group(name, states)).filter(
        (group) => group !== null,
      ),
    );
    this.roving.settle();
    if (focused) this.#rowOf(focused)?.focus();
  }

  /** @param {string} name @param {PresenceState[]} states */
  #group(name, states) {
    const members = this.members
      .filter((member) => states.includes(this.#stateOf(member)))
      .sort((a, b) => compare(a.name, b.name));
    if (!members.length) return null;
    return el(
      "section.people-group",
      el(
        "h3",
        t("{group}, {count}", { group: name, count: members.length }),
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
    return this.presence.get(member.id) ?? member.state;
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
