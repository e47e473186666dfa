/** Shows whether the page is live. */
import { t } from "../core/i18n.js";
import { el } from "../core/ui/dom.js";

/** @import { ConnectionStatus } from "../core/types.d.ts" */

/** @param {ConnectionStatus} status @param {boolean} isCurrent the server has told its figures since */
function liveWords({ phase, retry_in_s }, isCurrent) {
  switch (phase) {
    case "connected":
      return isCurrent ? t("Live") : t("Connecting…");
    case "reconnecting":
      return retry_in_s
        ? t("Connection lost. Trying again in {seconds} s.", { seconds: retry_in_s })
        : t("Reconnecting…");
    case "offline":
      return t("Offline. The gap is filled when you are back");
    case "ended":
      return t("Signed out.");
    default:
      return t("Connecting…");
  }
}

/** @param {HTMLElement} root @param {ConnectionStatus} status @param {boolean} isCurrent */
export function showLive(root, status, isCurrent) {
  const words = liveWords(status, isCurrent);
  root.dataset.phase = status.phase === "connected" && !isCurrent ? "connecting" : status.phase;
  if (root.dataset.words === words) return;
  root.dataset.words = words;
  root.replaceChildren(words);
  if (status.phase === "ended") root.append(" ", signIn());
}

function signIn() {
  return el(
    "a",
    { href: `/login?next=${encodeURIComponent(location.pathname)}` },
    t("Sign in again"),
  );
}
