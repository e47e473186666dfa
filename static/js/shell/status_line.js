/** The connection and the outbox in one line: a message that goes out at once is not worth a word. */
import { signInAgain } from "../views/dialogs.js";
import { StatusView } from "../views/status.js";

/** @import { Clock } from "../core/clock.js" */
/** @import { Connection } from "../core/connection.js" */
/** @import { Outbox } from "../core/outbox.js" */

const WORTH_A_WORD_MS = 800;

/**
 * @param {object} parts
 * @param {{ line: HTMLElement, banner: HTMLElement }} parts.roots
 * @param {Connection} parts.connection
 * @param {Outbox} parts.outbox
 * @param {Clock} parts.clock
 */
export function showStatus({ roots, connection, outbox, clock }) {
  const view = new StatusView(roots);
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
