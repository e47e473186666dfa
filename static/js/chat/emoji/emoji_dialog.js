/**
 * The whole set of emoji: search, groups, the last used, and skin tones. It hangs on the button that
 * opened it, and is a sheet at the bottom of a small window.
 */
import { t } from "../../core/i18n.js";
import { isTouched } from "../../core/ui/device.js";
import { el, iconButton } from "../../core/ui/dom.js";
import { isComposing } from "../../core/ui/keys.js";
import { EmojiGrid } from "./emoji_grid.js";
import { findEmoji, inTone } from "./emoji_search.js";

/** @import { Emoji } from "./emoji_data.js" */
/** @import { EmojiUse } from "./emoji_use.js" */

/** @typedef {{ symbol: string, name: string }} Picked */

const MOST_FOUND = 120;
const RECENT = 18;
const SEARCH_AFTER_MS = 40;
const HANDS = ["✋", "✋🏻", "✋🏼", "✋🏽", "✋🏾", "✋🏿"];

/** CLDR's groups in their order, without that of single skin tones. */
const groups = () =>
  /** @type {[number, string, string][]} */ ([
    [0, "😀", t("Smileys")],
    [1, "👋", t("People")],
    [3, "🐻", t("Animals and nature")],
    [4, "🍎", t("Food and drink")],
    [5, "🚲", t("Travel and places")],
    [6, "⚽", t("Activities")],
    [7, "💡", t("Objects")],
    [8, "❤️", t("Symbols")],
    [9, "🏁", t("Flags")],
  ]);

export class EmojiDialog {
  /** @type {Emoji[]} */
  #all = [];
  /** @type {Picked | null} */
  #picked = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ load: () => Promise<Emoji[]>, use: EmojiUse }} parts */
  constructor({ load, use }) {
    this.#load = load;
    this.#use = use;
    this.#search = el("input", {
      type: "text",
      inputmode: "search",
      placeholder: t("Search emoji"),
      "aria-label": t("Search emoji"),
      autocomplete: "off",
      dir: "auto",
      oninput: () => this.#searchSoon(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => this.#pressed(event),
    });
    this.#grid = new EmojiGrid({
      onPick: (picked) => this.#pick(picked),
      onLeave: () => this.#search.focus(),
    });
    this.#close = iconButton("close", t("Close"), () => this.#dialog.close());
    this.#tabs = el("div.emoji-tabs", { role: "toolbar", "aria-label": t("Groups of emoji") });
    this.#tones = el("div.emoji-tones", { role: "group", "aria-label": t("Skin tone") });
    this.#status = el("p.visually-hidden", { role: "status" });
    this.#dialog = el(
      "dialog.emoji-dialog",
      { "aria-label": t("Choose an emoji") },
      el("div.emoji-head", this.#search, this.#close),
      this.#tabs,
      this.#grid.element,
      el("div.emoji-foot", this.#grid.preview, this.#tones),
      this.#status,
    );
    this.#dialog.addEventListener("pointerdown", (event) => {
      if (event.target === this.#dialog) this.#dialog.close();
    });
  }

  #load;
  #use;
  #search;
  #close;
  #grid;
  #tabs;
  #tones;
  #status;
  /** @type {HTMLDialogElement} */
  #dialog;

  /**
   * @param {Element} anchor that it hangs on
   * @returns {Promise<Picked | null>} null: closed without a choice
   */
  async open(anchor) {
    this.#picked = null;
    this.#search.value = "";
    document.body.append(this.#dialog);
    this.#grid.say(t("Looking for emoji…"));
    // In the field, a finger would bring up the keyboard.
    this.#close.toggleAttribute("autofocus", isTouched());
    this.#dialog.showModal();
    this.#place(anchor.getBoundingClientRect());
    this.#fill();
    await new Promise((resolve) => this.#dialog.addEventListener("close", resolve, { once: true }));
    this.#dialog.remove();
    return this.#picked;
  }

  async #fill() {
    try {
      this.#all = await this.#load();
    } catch {
      return this.#grid.say(t("The emoji can't be fetched now. Please try again later."));
    }
    this.#showTones();
    this.#show();
  }

  /** Over the anchor where there is room, otherwise under it; sheets are placed by the style sheet. @param {DOMRect} at */
  #place(at) {
    const { offsetWidth: width, offsetHeight: height } = this.#dialog;
    const above = at.top - height - 8;
    const top = above >= 8 ? above : Math.min(at.bottom + 8, innerHeight - height - 8);
    const left = Math.min(at.right - width, innerWidth - width - 8);
    this.#dialog.style.setProperty("--top", `${Math.max(8, top)}px`);
    this.#dialog.style.setProperty("--left", `${Math.max(8, left)}px`);
  }

  #showTones() {
    const choices = HANDS.map((hand, tone) =>
      el(
        "button",
        {
          type: "button",
          "aria-pressed": String(tone === this.#use.tone),
          "aria-label": tone ? t("Skin tone {tone} of 5", { tone }) : t("No skin tone"),
          onclick: () => {
            this.#use.tone = tone;
            this.#showTones();
            this.#show();
            /** @type {HTMLElement} */ (this.#tones.children[tone]).focus();
          },
        },
        hand,
      ),
    );
    this.#tones.replaceChildren(...choices);
  }

  #show() {
    const letters = this.#search.value.trim();
    const { tone } = this.#use;
    const shown = (/** @type {Emoji} */ emoji) => ({
      symbol: inTone(emoji, tone),
      name: emoji.name,
      code: emoji.codes[0] ?? "",
    });
    if (letters) {
      const found = findEmoji(this.#all, letters, MOST_FOUND).map(shown);
      this.#tabs.hidden = true;
      if (found.length) this.#grid.show([{ title: t("Found"), emoji: found }]);
      else this.#grid.say(t("No emoji by that name."));
      this.#status.textContent = t("{n} found", { n: found.length });
      return;
    }
    const recent = this.#use.recent(RECENT).map(({ symbol, name }) => {
      const emoji = this.#all.find((each) => each.symbol === symbol || each.tones.includes(symbol));
      return { symbol, name: emoji?.name ?? name, code: emoji?.codes[0] ?? "" };
    });
    const sections = groups().map(([group, mark, title]) => ({
      mark,
      title,
      emoji: this.#all.filter((emoji) => emoji.group === group).map(shown),
    }));
    const own = { mark: "🕘", title: t("Last used"), emoji: recent };
    const all = recent.length ? [own, ...sections] : sections;
    this.#grid.show(all);
    this.#status.textContent = "";
    this.#tabs.hidden = false;
    this.#tabs.replaceChildren(
      ...all.map(({ mark, title }) =>
        el(
          "button",
          {
            type: "button",
            title,
            "aria-label": title,
            onclick: () => this.#grid.goTo(title),
          },
          mark,
        ),
      ),
    );
  }

  #searchSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#show(), SEARCH_AFTER_MS);
  }

  /** @param {KeyboardEvent} event */
  #pressed(event) {
    if (isComposing(event)) return;
    if (event.key === "ArrowDown") this.#grid.focusFirst();
    else if (event.key === "Enter") {
      clearTimeout(this.#timer);
      this.#show();
      this.#grid.pickFirst();
    } else return;
    event.preventDefault();
  }

  /** @param {Picked} picked */
  #pick(picked) {
    this.#picked = picked;
    this.#use.note(picked.symbol);
    this.#dialog.close();
  }
}
