/** One Socket.IO namespace: requests that are answered or refused, and the server's events. */
import { RequestError } from "./errors.js";

/** @import { Socket } from "socket.io-client" */

const ANSWER_MS = 10_000;

/**
 * @template {Record<keyof R, [object, object]>} R requests: `[payload, answer]` by name
 * @template {Record<keyof E, object>} E events of the server: payload by name
 */
export class Channel {
  /** @param {Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    // The socket must not send buffered requests later: the next connection may belong to someone else.
    // Callers repeat what they still want.
    socket.on("disconnect", () => {
      socket.sendBuffer.length = 0;
    });
  }

  #socket;

  /**
   * @template {keyof R & string} N
   * @param {N} name
   * @param {R[N][0]} payload
   * @param {{ timeout_ms?: number }} [options]
   * @returns {Promise<R[N][1]>} the acknowledgement; rejects with a RequestError
   */
  async request(name, payload, { timeout_ms = ANSWER_MS } = {}) {
    if (!this.#socket.connected) throw RequestError.disconnected();
    const answer = await this.#socket
      .timeout(timeout_ms)
      .emitWithAck(name, payload)
      .catch(() => {
        throw this.#socket.connected ? RequestError.timeout() : RequestError.disconnected();
      });
    if (!answer.ok) throw RequestError.from(answer.error);
    return answer;
  }

  /**
   * @template {keyof E & string} N
   * @param {N} name
   * @param {(payload: E[N]) => void} listener
   */
  on(name, listener) {
    this.#socket.on(/** @type {string} */ (name), listener);
  }
}
