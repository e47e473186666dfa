/** The line over the composer about people who were mentioned and are not in the room. */
import { t, tn } from "../../core/i18n.js";
import { el } from "../../core/ui/dom.js";
import { isolated, namesInLine } from "../../core/ui/format.js";

/** @import { FoundPerson } from "../types.d.ts" */

export class OutsidersView {
  /** @type {FoundPerson[]} */
  #people = [];

  /**
   * @param {HTMLElement} root
   * @param {{ onInvite: (people: FoundPerson[]) => void, onDismiss: (people: FoundPerson[]) => void }} actions
   */
  constructor(root, { onInvite, onDismiss }) {
    this.#root = root;
    const button = (/** @type {string} */ label, /** @type {() => void} */ onclick) =>
      el("button.text-button", { type: "button", onclick }, label);
    this.#words = el("span");
    root.append(
      this.#words,
      button(t("Invite"), () => onInvite(this.#people)),
      button(t("Dismiss"), () => onDismiss(this.#people)),
    );
  }

  #root;
  #words;

  /** @param {FoundPerson[]} people */
  show(people) {
    this.#people = people;
    this.#root.hidden = people.length === 0;
    const names = namesInLine(people.map(({ name }) => isolated(name)));
    this.#words.textContent = tn(
      "{names} is not in this room and was not notified.",
      "{names} are not in this room and were not notified.",
      people.length,
      { names },
    );
  }
}
