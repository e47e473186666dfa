/**
 * The list of keyboard shortcuts: Ctrl-/ (⌘-/) anywhere, `?` where nothing is being written, and every
 * button with `data-shortcuts`. Ctrl-, (⌘-,) leads to the settings.
 */
import { t } from "../i18n.js";
import { IS_MAC } from "./device.js";
import { openDialog } from "./dialog.js";
import { el } from "./dom.js";
import { isComposing } from "./keys.js";

/** Elements that have a use for characters themselves. */
export const FIELDS =
  'input, textarea, select, [contenteditable]:not([contenteditable="false"]), [role="textbox"], ' +
  '[role="menu"], [role="listbox"], [role="dialog"], dialog, [data-keeps-keys]';
/** Shows the list while nothing is being written. */
export const HELP = "?";

const CTRL = IS_MAC ? "⌘" : t("Ctrl");
const SHIFT = t("Shift");
const ALT = t("Alt");

/** A new shortcut is one line here. @returns {[title: string, rows: [keys: string[], meaning: string][]][]} */
const groups = () => [
  [
    t("Everywhere"),
    [
      [[`${CTRL} /`, HELP], t("Show these shortcuts")],
      [[`${CTRL} ,`], t("Settings")],
      [[t("Esc")], t("Close what is open")],
    ],
  ],
  [
    t("Rooms"),
    [
      [[`${CTRL} K`], t("Jump to a room or a person")],
      [[`${ALT} ↑↓`], t("The room above or below")],
      [[`${ALT} ${SHIFT} ↑↓`], t("The next room with something unread")],
      [[`${ALT} I`], t("Invite people to this room")],
      [["↑↓"], t("Move in the list of rooms or people")],
      [[`${t("Ctrl")} ${SHIFT} ↑↓`], t("Move this room in the list")],
      [[`${SHIFT} F10`], t("All that can be done with a room")],
    ],
  ],
  [
    t("Messages"),
    [
      [["↑↓", t("Home"), t("End")], t("Move between messages")],
      [["R"], t("Reply")],
      [["+", t("Enter")], t("React")],
      [["E"], t("Edit my message")],
      [[t("Del")], t("Delete")],
      [["P"], t("Show the card of its author")],
      [[`${SHIFT} F10`], t("All that can be done with it")],
      [[t("Esc")], t("Back to writing")],
    ],
  ],
  [
    t("Writing"),
    [
      [[t("Enter")], t("Send, or a new line where the settings say so")],
      [[`${SHIFT} ${t("Enter")}`], t("New line")],
      [[`${CTRL} ${t("Enter")}`], t("Send in any case")],
      [["↑"], t("Edit my last message, while nothing is written")],
      [["@"], t("Mention somebody")],
      [[t("Esc")], t("Cancel, or go to the messages")],
    ],
  ],
];

/** @type {HTMLDialogElement | null} */
let open = null;

export function showShortcuts() {
  // A dialog that was closed a moment ago says so only later.
  if (open?.open) return open.close();
  const lists = groups().map(([title, rows]) =>
    el(
      "section",
      el("h3", title),
      el(
        "dl.shortcuts",
        ...rows.flatMap(([keys, meaning]) => [el("dt", ...marks(keys)), el("dd", meaning)]),
      ),
    ),
  );
  const { dialog, closed } = openDialog(t("Keyboard shortcuts"), [
    el("div.shortcut-lists", ...lists),
  ]);
  dialog.classList.add("wide");
  // Long lists scroll by keyboard.
  const body = dialog.querySelector(".dialog-body");
  body?.setAttribute("tabindex", "0");
  open = dialog;
  closed.then(() => {
    if (open === dialog) open = null;
  });
}

/** @param {string[]} keys each one alone does it */
function marks(keys) {
  return keys.flatMap((combination, index) => [
    ...(index ? [" ", t("or"), " "] : []),
    el(
      "span.keys",
      ...combination
        .split(" ")
        .flatMap((key, at) => (at ? [" ", el("kbd", key)] : [el("kbd", key)])),
    ),
  ]);
}

/** @param {Document} page */
export function listenForShortcuts(page) {
  page.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || isComposing(event)) return;
    const run = asksForList(event) ? showShortcuts : asksForSettings(event) ? goToSettings : null;
    if (!run) return;
    event.preventDefault();
    run();
  });
  page.addEventListener("click", ({ target }) => {
    if (target instanceof Element && target.closest("[data-shortcuts]")) showShortcuts();
  });
}

const goToSettings = () => location.assign("/settings");

/** @param {KeyboardEvent} event */
function asksForSettings({ key, ctrlKey, metaKey, altKey }) {
  return key === "," && (ctrlKey || metaKey) && !altKey;
}

/** @param {KeyboardEvent} event */
function asksForList({ key, target, ctrlKey, metaKey, altKey }) {
  if (key === "/") return (ctrlKey || metaKey) && !altKey;
  if (key !== HELP || ctrlKey || metaKey) return false;
  return !(target instanceof Element && target.closest(FIELDS));
}
