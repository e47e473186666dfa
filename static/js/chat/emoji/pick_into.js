/** A button that opens the dialog of all emoji, and writes the choice into a text. */
import { isTouched } from "../../core/ui/device.js";

/** @import { EmojiKit } from "./emoji.js" */

/** @param {HTMLTextAreaElement} text @param {HTMLElement} button @param {EmojiKit} emoji */
export function pickInto(text, button, emoji) {
  button.addEventListener("click", async () => {
    const picked = await emoji.pick(button);
    if (!picked) return;
    text.setRangeText(picked.symbol, text.selectionStart, text.selectionEnd, "end");
    text.dispatchEvent(new InputEvent("input", { bubbles: true }));
    // On a phone the keyboard would come up again.
    if (!isTouched()) text.focus({ preventScroll: true });
  });
}
