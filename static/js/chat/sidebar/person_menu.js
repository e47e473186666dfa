/** The menu of the person at the foot of the sidebar: settings, help, and the way out. */
import { t } from "../../core/i18n.js";
import { openMenu } from "../../core/ui/menu.js";
import { showShortcuts } from "../../core/ui/shortcuts.js";

/** @import { Choice } from "../../core/ui/menu.js" */

/**
 * @param {HTMLElement} root the sidebar
 * @param {{ role: string }} me
 */
export function listenForPersonMenu(root, me) {
  const button = /** @type {HTMLButtonElement} */ (root.querySelector("[data-me]"));
  const signOut = /** @type {HTMLFormElement} */ (root.querySelector("[data-sign-out]"));
  const to = (/** @type {string} */ path) => () => location.assign(path);
  button.addEventListener("click", () => {
    /** @type {Choice[]} */
    const choices = [
      { icon: "settings", label: t("Settings"), run: to("/settings") },
      { icon: "bell", label: t("Notification settings"), run: to("/settings/notifications") },
      ...(me.role === "admin"
        ? [{ icon: "shield", label: t("Name of the server"), run: to("/admin/server") }]
        : []),
      { icon: "keyboard", label: t("Keyboard shortcuts"), run: showShortcuts },
      { icon: "info", label: t("About Parley"), run: to("/about") },
      { icon: "leave", label: t("Sign out"), run: () => signOut.requestSubmit() },
    ];
    openMenu(button, choices);
  });
}
