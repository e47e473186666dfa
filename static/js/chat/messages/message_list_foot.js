/** The foot of the messages: who has seen the last one, and the way back to the newest. */
import { t, tn } from "../../core/i18n.js";
import { firstName, namesInLine } from "../../core/ui/format.js";

/**
 * @param {HTMLElement} button
 * @param {{ isHidden: boolean, count: number }} shown `count`: how many are unread down there
 */
export function paintLatest(button, { isHidden, count }) {
  button.hidden = isHidden;
  if (isHidden) return;
  button.classList.toggle("has-new", count > 0);
  const label = /** @type {HTMLElement} */ (button.querySelector("span"));
  label.textContent = count ? tn("{n} new message", "{n} new messages", count) : t("Latest");
}

/** @param {HTMLElement} line @param {string[]} names @param {boolean} isDirect */
export function paintSeenBy(line, names, isDirect) {
  const who = namesInLine(names.map(firstName));
  const sentence = isDirect ? t("seen") : t("seen by {names}", { names: who });
  line.textContent = names.length ? sentence : "";
  line.title = names.length ? t("Seen by {names}", { names: namesInLine(names, 99) }) : "";
}
