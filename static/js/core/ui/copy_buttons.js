/** Buttons that copy a field of the page: `data-copies` has its id. They are hidden without scripts. */
import { copyText } from "./prompts.js";

export function startCopyButtons() {
  for (const button of document.querySelectorAll("button[data-copies]")) {
    if (!(button instanceof HTMLButtonElement)) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      const field = document.getElementById(button.dataset.copies ?? "");
      if (!(field instanceof HTMLInputElement)) return;
      field.select();
      copyText(field.value);
    });
  }
}
