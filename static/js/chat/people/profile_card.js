/**
 * The card of a person, by a press on a name or an avatar: who they are, whether they are there, their
 * time of day, and the ways to them. Elements with `data-person` (an id) open it.
 */
import { RequestError } from "../../core/errors.js";
import { t } from "../../core/i18n.js";
import { dot, paintAvatar, STATE_WORDS } from "../../core/ui/avatar.js";
import { openDialog } from "../../core/ui/dialog.js";
import { el } from "../../core/ui/dom.js";
import { Calendar } from "../../core/ui/format.js";

/** @import { Me, Person, Profile } from "../types.d.ts" */

/**
 * @typedef {object} ProfileOptions
 * @property {Me} me
 * @property {(user: string) => Promise<Profile>} ask rejects with a RequestError
 * @property {(user: string) => Person | undefined} known what this page knows of a person
 * @property {(user: string) => void} onDirect
 * @property {(user: string) => (() => void) | null} removal takes them out of the open room, where I may
 */

const NARROW = "(max-width: 720px)";

export class ProfileCard {
  /** @param {HTMLElement} root names in it open the card @param {ProfileOptions} options */
  constructor(root, options) {
    this.#options = options;
    root.addEventListener("click", (event) => this.#pressed(event));
    root.addEventListener("keydown", (event) => this.#key(event));
    root.addEventListener("focusin", (event) => this.#arrived(event));
  }

  #options;
  /** The message whose names are tab stops: the one that has the focus. @type {Element | null} */
  #current = null;

  /** @param {MouseEvent} event */
  #pressed(event) {
    const name = nameAt(event.target);
    if (!name || String(getSelection())) return;
    event.preventDefault();
    this.open(name.dataset.person ?? "", name);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const name = nameAt(event.target);
    // A button presses itself.
    if (!name || name !== event.target || name instanceof HTMLButtonElement) return;
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    this.open(name.dataset.person ?? "", name);
  }

  /** @param {FocusEvent} event */
  #arrived({ target }) {
    const message = target instanceof Element ? target.closest(".message") : null;
    if (message === this.#current) return;
    for (const [each, index] of /** @type {const} */ ([
      [this.#current, -1],
      [message, 0],
    ]))
      for (const name of each?.querySelectorAll("[data-person][tabindex]") ?? [])
        name.setAttribute("tabindex", String(index));
    this.#current = message;
  }

  /** @param {string} user an id @param {HTMLElement} anchor where the name stands */
  async open(user, anchor) {
    if (!user || document.querySelector("dialog[open]")) return;
    const known = this.#options.known(user) ?? { id: user, name: plainName(anchor) };
    const body = el("div.profile");
    body.append(...this.#lines(known));
    const { dialog } = openDialog(known.name, [body]);
    dialog.classList.add("profile-card");
    place(dialog, anchor);
    try {
      const profile = await this.#options.ask(user);
      body.replaceChildren(
        ...this.#lines(profile),
        this.#ways(profile, () => dialog.close()),
      );
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      body.append(el("p.muted", { role: "status" }, sentenceOf(error)));
    }
    place(dialog, anchor);
    const first = body.querySelector("button, a");
    if (first instanceof HTMLElement && dialog.open) first.focus();
  }

  /** @param {Person & Partial<Profile>} person @returns {HTMLElement[]} */
  #lines(person) {
    const avatar = el("div.avatar.large", { "aria-hidden": "true" });
    paintAvatar(avatar, person);
    const marks = [
      person.id === this.#options.me.id && t("you"),
      person.role === "admin" && t("admin"),
      person.bot && t("bot"),
      person.disabled && t("account disabled"),
    ].filter((mark) => typeof mark === "string");
    const state = person.state ?? "offline";
    return [
      el(
        "div.profile-head",
        avatar,
        el(
          "div",
          person.username ? el("p.profile-username", `@${person.username}`) : null,
          el("p.profile-state", dot(state), STATE_WORDS[state]),
          el("p.profile-marks", ...marks.map((mark) => el("span.badge", mark))),
        ),
      ),
      ...(person.time_zone ? [timeThere(person.time_zone)] : []),
    ];
  }

  /** @param {Profile} person @param {() => void} close */
  #ways(person, close) {
    const { me, onDirect, removal } = this.#options;
    const isMe = person.id === me.id;
    const remove = isMe ? null : removal(person.id);
    const after = (/** @type {() => void} */ run) => () => {
      close();
      run();
    };
    const button = (
      /** @type {string} */ label,
      /** @type {string} */ kind,
      /** @type {() => void} */ run,
    ) => el("button", { type: "button", class: `button ${kind}`, onclick: after(run) }, label);
    return el(
      "div.profile-ways",
      isMe && el("a.button.quiet", { href: "/settings" }, t("My settings")),
      !isMe &&
        !person.disabled &&
        button(t("Write to {name}", { name: person.name }), "", () => onDirect(person.id)),
      me.role === "admin" &&
        el("a.button.quiet", { href: `/admin/people/${person.id}` }, t("Manage this account")),
      remove && button(t("Remove from this room"), "danger", remove),
    );
  }
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function nameAt(target) {
  const name = target instanceof Element ? target.closest("[data-person]") : null;
  return name instanceof HTMLElement && name.dataset.person ? name : null;
}

/** @param {HTMLElement} anchor */
function plainName(anchor) {
  const words = anchor.closest(".message")?.querySelector(".message-author") ?? anchor;
  const isMention = anchor.classList.contains("mention");
  return (isMention ? anchor : words).textContent?.replace(/^@/u, "").trim() || t("Someone");
}

/** @param {string} zone */
function timeThere(zone) {
  const time = new Calendar(zone).time(new Date().toISOString());
  const place = zone.replaceAll("_", " ");
  return el("p.profile-time", t("{time} for them ({place})", { time, place }));
}

/** @param {RequestError} error */
function sentenceOf(error) {
  return error.code === "not_found"
    ? t("There is no account behind this name: it is a webhook, or was deleted.")
    : error.message;
}

/** Beside the name where there is room; on a phone the dialog stands in the middle. @param {HTMLElement} card @param {HTMLElement} anchor */
function place(card, anchor) {
  if (matchMedia(NARROW).matches || !anchor.isConnected) return;
  const at = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = card;
  const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
  const isBelow = at.bottom + height + 8 <= innerHeight;
  const top = isBelow
    ? at.bottom + 6
    : Math.max(8, Math.min(at.top - height - 6, innerHeight - height - 8));
  card.style.setProperty("margin", "0");
  card.style.setProperty("left", `${left}px`);
  card.style.setProperty("top", `${top}px`);
}
