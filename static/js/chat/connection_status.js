/**
 * The connection and the outbox in words: always at my name, and over the conversation only while
 * something is wrong.
 */
import { el } from "../core/ui/dom.js";
import { counted } from "../core/ui/format.js";
import { signInAgain } from "../core/ui/prompts.js";

/** @import { Status } from "./types.d.ts" */

/** The part of the sentence about messages that wait: "2 messages are kept and go out". @param {number} sending */
function kept(sending) {
  if (!sending) return "";
  return `${counted(sending, "message")} ${sending === 1 ? "is kept and goes" : "are kept and go"} out`;
}

/**
 * The sentences for a state; an empty banner shows nothing. No DOM.
 * @param {Status} status
 * @returns {{ line: string, banner: string }}
 */
export function statusWords({ phase, retry_in_s, sending }) {
  const waiting = kept(sending);
  switch (phase) {
    case "connected":
      return { line: sending ? `Sending ${sending}…` : "Connected", banner: "" };
    case "connecting":
      return { line: "Connecting…", banner: "" };
    case "reconnecting":
      return {
        line: retry_in_s ? `Reconnecting, ${retry_in_s} s` : "Reconnecting…",
        banner: `Connection lost. Trying again${retry_in_s ? ` in ${retry_in_s} s` : ""}.${waiting && ` ${waiting} when it is back.`}`,
      };
    case "offline":
      return {
        line: "Offline",
        banner: waiting
          ? `Offline. ${waiting} when you are back.`
          : "Offline. You can read and write; it goes out when you are back.",
      };
    default:
      return { line: "Signed out", banner: "Your session has ended. What you wrote is kept." };
  }
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
    // Write only changes: a screen reader announces every write to a live region.
    if (this.text.textContent !== line) this.text.textContent = line;
    if (this.banner.textContent === banner) return;
    if (status.phase === "ended") this.banner.replaceChildren(banner, signIn());
    else this.banner.textContent = banner;
  }
}

function signIn() {
  return el("a", { href: `/login?next=${encodeURIComponent(location.pathname)}` }, "Sign in again");
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
