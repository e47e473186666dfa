/**
 * Initials on the colour and the pattern of a person, and the presence dot.
 */
import { t } from "../i18n.js";
import { el } from "./dom.js";
import { initials, tintAndPattern } from "./format.js";

/** @import { PresenceState } from "../types.d.ts" */

/**
 * Fills an avatar element for this person.
 * @param {HTMLElement} avatar
 * @param {{ id: string, name: string }} person
 */
export function paintAvatar(avatar, person) {
  avatar.textContent = initials(person.name);
  const { tint, pattern } = tintAndPattern(person.id);
  avatar.dataset.tint = String(tint);
  avatar.dataset.pattern = String(pattern);
}

/** The state in words, for the dot's name and tooltip. @type {Record<PresenceState, string>} */
export const STATE_WORDS = {
  online: t("online"),
  idle: t("idle"),
  away: t("away"),
  offline: t("offline"),
};

/** @param {PresenceState} [state] */
export function dot(state = "offline") {
  const mark = el("span.dot", { role: "img" });
  paintDot(mark, state);
  return mark;
}

/** @param {HTMLElement} mark @param {PresenceState} state */
export function paintDot(mark, state) {
  mark.dataset.state = state;
  mark.title = STATE_WORDS[state];
  mark.setAttribute("aria-label", STATE_WORDS[state]);
}
