/**
 * The connection and the outbox in words: always at my name, and over the conversation only while
 * something is wrong.
 */
import { t, tn } from "../core/i18n.js";
import { el } from "../core/ui/dom.js";
import { signInAgain } from "../core/ui/prompts.js";

/** @import { Status } from "./types.d.ts" */

/**
 * The sentences for a state; an empty banner shows nothing. No DOM.
 * @param {Status} status
 * @returns {{ line: string, banner: string }}
 */
export function statusWords({ phase, retry_in_s, sending }) {
  switch (phase) {
    case "connected":
      return { line: sending ? t("Sending {n}…", { n: sending }) : t("Connected"), banner: "" };
    case "connecting":
      return { line: t("Connecting…"), banner: "" };
    case "reconnecting":
      return { line: reconnecting(retry_in_s), banner: lost(retry_in_s, sending) };
    case "offline":
      return { line: t("Offline"), banner: offline(sending) };
    default:
      return {
        line: t("Signed out"),
        banner: t("Your session has ended. What you wrote is kept."),
      };
  }
}

/** @param {number | null | undefined} seconds */
function reconnecting(seconds) {
  return seconds ? t("Reconnecting, {seconds} s", { seconds }) : t("Reconnecting…");
}

/** @param {number | null | undefined} seconds @param {number} sending */
function lost(seconds, sending) {
  const again = seconds
    ? t("Connection lost. Trying again in {seconds} s.", { seconds })
    : t("Connection lost. Trying again.");
  if (!sending) return again;
  const kept = tn(
    "{n} message is kept and goes out when it is back.",
    "{n} messages are kept and go out when it is back.",
    sending,
  );
  return `${again} ${kept}`;
}

/** @param {number} sending */
function offline(sending) {
  return sending
    ? tn(
        "Offline. {n} message is kept and goes out when you are back.",
        "Offline. {n} messages are kept and go out when you are back.",
        sending,
      )
    : t("Offline. You can read and write; it goes out when you are back.");
}

class ConnectionStatusView {
  /** @param {{ line: HTMLElement, banner: HTMLElement }} parts */
  constructor({ line, banner }) {
    this.line = line;
    this.banner = banner;
    this.text = el("span");
    this.line.replaceChildren(this.text);
  }

  /** @param {Status} status */
  set(status) {
    const { line, banner } = statusWords(status);
    this.line.dataset.phase = status.phase;
    this.banner.dataset.phase = status.phase;
    // A class, and not `body:has(…)`: that is looked at again with each element that comes or goes.
    document.body.classList.toggle("is-cut-off", banner !== "");
    // Write only changes: a screen reader announces every write to a live region.
    if (this.text.textContent !== line) this.text.textContent = line;
    if (this.banner.textContent === banner) return;
    if (status.phase === "ended") this.banner.replaceChildren(banner, signIn());
    else this.banner.textContent = banner;
  }
}

function signIn() {
  return el(
    "a",
    { href: `/login?next=${encodeURIComponent(location.pathname)}` },
    t("Sign in again"),
  );
}

/** @import { Clock } from "../core/clock.js" */
/** @import { Connection } from "../core/connection.js" */
/** @import { Outbox } from "./outbox/outbox.js" */

const WORTH_A_WORD_MS = 800;

/**
 * @param {object} parts
 * @param {{ line: HTMLElement, banner: HTMLElement }} parts.roots
 * @param {Connection} parts.connection
 * @param {Outbox} parts.outbox
 * @param {Clock} parts.clock
 */
export function showStatus({ roots, connection, outbox, clock }) {
  const view = new ConnectionStatusView(roots);
  let isWaiting = false;
  let hasAsked = false;

  const show = () => {
    isWaiting = false;
    view.set({ ...connection.status, sending: outbox.sending });
  };
  outbox.on("changed", () => {
    if (outbox.sending === 0) show();
    else if (!isWaiting) {
      isWaiting = true;
      clock.after(WORTH_A_WORD_MS, show);
    }
  });
  connection.on("status", ({ phase }) => {
    show();
    if (phase !== "ended" || hasAsked) return;
    hasAsked = true;
    const href = `/login?next=${encodeURIComponent(location.pathname)}`;
    signInAgain({ href, waiting: outbox.sending });
  });
  show();
}
