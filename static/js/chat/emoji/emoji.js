/** The face of emoji for the composer and the messages: data, this person's use of it, and the dialog. */
import { t } from "../../core/i18n.js";
import { lazyPart } from "../../core/lazy_part.js";
import { preferences } from "../../core/preferences.js";
import { showToast } from "../../core/ui/prompts.js";
import { loadEmoji } from "./emoji_data.js";
import { EmojiUse } from "./emoji_use.js";

/** @import { EmojiDialog, Picked } from "./emoji_dialog.js" */

export class EmojiKit {
  use = new EmojiUse(preferences);
  /** @type {Promise<EmojiDialog> | null} */
  #dialog = null;

  /** @param {string} folder the address of the data */
  constructor(folder) {
    this.load = () => loadEmoji(folder);
  }

  /**
   * Let the person choose one of all emoji; the dialog is fetched when it is first opened.
   * @param {Element} anchor that the dialog hangs on
   * @returns {Promise<Picked | null>} null: closed without a choice
   */
  async pick(anchor) {
    this.#dialog ??= lazyPart(() => import("./emoji_dialog.js")).then(
      ({ EmojiDialog }) => new EmojiDialog(this),
    );
    try {
      return await (await this.#dialog).open(anchor);
    } catch {
      this.#dialog = null;
      showToast(t("The emoji can't be fetched now. Please try again later."));
      return null;
    }
  }
}
