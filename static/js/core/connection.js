/**
 * The page's one connection, shared by all namespaces. It tries WebSocket first and polling where that
 * is blocked, and reconnects until the session has ended.
 */
import { Manager } from "socket.io-client";
import { Backoff, QUIET_MS } from "./backoff.js";
import { Channel } from "./channel.js";
import { Emitter } from "./emitter.js";

/** @import { Socket } from "socket.io-client" */
/** @import { Clock } from "./clock.js" */
/** @import { ConnectionStatus } from "./types.d.ts" */

/** @typedef {{ status: [ConnectionStatus], lost: [] }} Events */

const SHORTEST_BETWEEN_MS = 1_000;
const WELCOME_MS = 15_000;
const MOVES_WITHIN_MS = 5_000;
const WEBSOCKET_FIRST = ["websocket", "polling"];
const POLLING_FIRST = ["polling", "websocket"];

/** @extends {Emitter<Events>} */
export class Connection extends Emitter {
  /** @type {(() => void) | null} */
  #cancelRetry = null;
  #cancelTick = () => {};
  #cancelWatch = () => {};
  #lastAttempt = 0;
  #isClosing = false;
  #failures = 0;
  /** When to come back, where the node said so before it closes. @type {number | null} */
  #movesAfter_ms = null;
  /** @type {Socket[]} */
  #sockets = [];

  /**
   * @param {object} parts
   * @param {string} parts.path of the server's Socket.IO endpoint
   * @param {Clock} parts.clock
   */
  constructor({ path, clock }) {
    super();
    this.#clock = clock;
    this.#backoff = new Backoff({ now: clock.now });
    this.#manager = new Manager({
      path,
      transports: WEBSOCKET_FIRST,
      tryAllTransports: true,
      autoConnect: false,
      // The library's retries ignore the server's `retry_after` and its announced shutdown.
      reconnection: false,
      timeout: 8_000,
    });
    this.#manager.on("error", (error) => this.#failed(error));
  }

  #clock;
  #backoff;
  #manager;

  get status() {
    return this.#backoff.status;
  }

  /**
   * A namespace over this connection.
   * @template {Record<keyof R, [object, object]>} R
   * @template {Record<keyof E, object>} E
   * @param {string} namespace
   * @returns {Channel<R, E>}
   */
  channel(namespace) {
    const socket = this.#manager.socket(namespace);
    this.#sockets.push(socket);
    socket.on("disconnect", () => this.#dropped());
    socket.on("connect_error", (error) => this.#refused(error));
    socket.on("node:leaving", ({ after_ms }) => this.#moves(after_ms));
    return new Channel(socket);
  }

  /** Start, and keep trying. */
  open() {
    this.#watchBrowser();
    this.#attempt();
  }

  /** The server greeted us: requests may go out. */
  welcomed() {
    this.#cancelWatch();
    this.#backoff.connected();
    this.#show();
  }

  /** The session is over, or is someone else's now. */
  end() {
    this.#backoff.ended();
    this.#close();
    this.#retry(null);
  }

  /** The connection looks dead, although nothing said so: make a new one. */
  renew() {
    this.#close();
    this.#retry(this.#backoff.lost());
  }

  /** Close it without scheduling a new attempt. */
  #close() {
    this.#isClosing = true;
    for (const socket of this.#sockets) socket.disconnect();
    this.#isClosing = false;
  }

  #watchBrowser() {
    const now = () => this.#hurry();
    addEventListener("online", now);
    addEventListener("pageshow", now);
    addEventListener("offline", () => this.#network());
    document.addEventListener("visibilitychange", () => !document.hidden && this.#hurry());
    this.#network();
  }

  #network() {
    this.#backoff.network(navigator.onLine);
    this.#show();
  }

  /** The browser is back: try now instead of waiting for the timer. */
  #hurry() {
    this.#network();
    const isWaiting = this.#cancelRetry !== null;
    if (isWaiting && this.#clock.now() - this.#lastAttempt > SHORTEST_BETWEEN_MS) this.#attempt();
  }

  #attempt() {
    this.#cancelRetry?.();
    this.#cancelRetry = null;
    this.#lastAttempt = this.#clock.now();
    this.#backoff.attempting();
    this.#cancelWatch();
    this.#cancelWatch = this.#clock.after(WELCOME_MS, () => this.renew());
    this.#show();
    for (const socket of this.#sockets) socket.connect();
  }

  /** An open connection was closed, by either side. */
  #dropped() {
    this.emit("lost");
    // Every namespace reports the loss of the one connection.
    if (this.#isClosing || this.#cancelRetry) return;
    if (this.#movesAfter_ms === null) this.#retry(this.#backoff.lost());
    else {
      this.#retry(this.#backoff.moving(this.#movesAfter_ms));
      this.#clock.after(QUIET_MS, () => this.#show());
    }
    this.#movesAfter_ms = null;
  }

  /** This node is being taken out: it closes now, and another one takes us. @param {unknown} after_ms */
  #moves(after_ms) {
    const wait_ms = Number(after_ms);
    this.#movesAfter_ms = wait_ms >= 0 ? Math.min(wait_ms, MOVES_WITHIN_MS) : 0;
  }

  /** A namespace refused us over an open connection. @param {Error & { data?: any }} error */
  #refused(error) {
    // Without data the transport failed: the manager reports that with more detail.
    if (error.data === undefined) return;
    this.#close();
    this.#retry(this.#backoff.lost(error.data ?? {}));
  }

  /** The transport could not be opened. @param {Error & { context?: any }} error */
  #failed(error) {
    // Some proxies accept a WebSocket and let it hang; the library's own fallback does not notice that.
    this.#failures += 1;
    this.#manager.opts.transports = this.#failures % 2 ? POLLING_FIRST : WEBSOCKET_FIRST;
    this.#retry(this.#backoff.lost(refusal(error.context?.responseText)));
  }

  /** @param {number | null} wait_ms */
  #retry(wait_ms) {
    this.#cancelRetry?.();
    this.#cancelWatch();
    this.#cancelRetry = wait_ms === null ? null : this.#clock.after(wait_ms, () => this.#attempt());
    this.#show();
  }

  #show() {
    const status = this.#backoff.status;
    this.emit("status", status);
    this.#cancelTick();
    if (status.retry_in_s) this.#cancelTick = this.#clock.after(1000, () => this.#show());
  }
}

/** The error in the body of a refused handshake; empty where the body is not Parley's. @param {unknown} body */
function refusal(body) {
  try {
    const { code, retry_after } = JSON.parse(String(body)).error;
    return { code, retry_after };
  } catch {
    return {};
  }
}
