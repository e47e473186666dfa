/** Keeps the inbox in sync with the server and sends the person's actions on it. */
import { RequestError } from "../core/errors.js";

/** @import { InboxEvents, InboxRequests } from "./types.d.ts" */
/** @import { Channel } from "../core/channel.js" */
/** @import { Clock } from "../core/clock.js" */
/** @import { Inbox } from "./inbox.js" */

/** @typedef {Channel<InboxRequests, InboxEvents>} InboxChannel */

const RETRY_AFTER_S = 2;
const PAGE = 30;
const AT_ONCE = 200;

export class InboxClient {
  #isOnline = false;
  #isSyncing = false;
  /** @type {(() => void) | null} */
  #stopWaiting = null;
  /** Seen notifications that are being marked as read, or were just refused. @type {Set<string>} */
  #seen = new Set();

  /**
   * @param {object} parts
   * @param {Inbox} parts.inbox
   * @param {Pick<InboxChannel, "request" | "on">} parts.channel
   * @param {Clock} parts.clock
   */
  constructor({ inbox, channel, clock }) {
    this.inbox = inbox;
    this.request = channel.request.bind(channel);
    this.#clock = clock;
    channel.on("inbox", (snapshot) => {
      this.#isOnline = true;
      this.#seen.clear();
      inbox.welcome(snapshot);
      this.#catchUp();
    });
    channel.on("notifications", (batch) => {
      inbox.receive(batch);
      this.#catchUp();
    });
  }

  #clock;

  /** The connection broke. */
  lost() {
    this.#isOnline = false;
  }

  /** Ask until nothing is missing. */
  async #catchUp() {
    if (this.#isSyncing || this.#stopWaiting) return;
    this.#isSyncing = true;
    try {
      while (this.#isOnline && this.inbox.isBehind) await this.#sync();
    } catch (error) {
      this.#wait(error instanceof RequestError ? error.retry_after : undefined);
    } finally {
      this.#isSyncing = false;
    }
  }

  async #sync() {
    const { cursor } = this.inbox;
    this.inbox.asked();
    const answer = await this.request("inbox:sync", { cursor });
    this.inbox.synced(answer);
    if (!answer.reset && this.inbox.cursor === cursor) throw RequestError.timeout();
  }

  /** @param {number} [seconds] */
  #wait(seconds = RETRY_AFTER_S) {
    this.#stopWaiting = this.#clock.after(seconds * 1000, () => {
      this.#stopWaiting = null;
      this.#catchUp();
    });
  }

  /**
   * A page of the backlog.
   * @param {InboxRequests["inbox:list"][0]} [asked]
   * @returns {Promise<InboxRequests["inbox:list"][1]>} rejects with a RequestError
   */
  async older(asked = {}) {
    const answer = await this.request("inbox:list", { limit: PAGE, ...asked });
    this.inbox.listed(answer.items);
    return answer;
  }

  /** Mark as read, here at once and then everywhere. @param {string[]} ids rejects with a RequestError */
  async read(ids) {
    const read = this.inbox.read(ids);
    try {
      for (const some of chunks(read)) await this.request("notification:read", { ids: some });
    } catch (error) {
      this.inbox.unreadAgain(read);
      throw error;
    }
  }

  /**
   * Mark as read what the person sees, without an error message. After a refusal the same ids are not
   * tried again for a while: they are still visible and would be sent over and over.
   * @param {string[]} ids
   */
  async seen(ids) {
    const fresh = ids.filter((id) => !this.#seen.has(id));
    if (!this.#isOnline || fresh.length === 0) return;
    const forget = () => {
      for (const id of fresh) this.#seen.delete(id);
    };
    for (const id of fresh) this.#seen.add(id);
    await this.read(fresh).then(forget, ({ retry_after = RETRY_AFTER_S }) => {
      this.#clock.after(retry_after * 1000, forget);
    });
  }

  async readAll() {
    this.inbox.readAll();
    try {
      await this.request("notification:read", { all: true });
      this.inbox.answeredAll(true);
    } catch (error) {
      this.inbox.answeredAll(false);
      throw error;
    }
  }

  /** Put away. @param {string[]} ids */
  async archive(ids) {
    this.inbox.archive(ids);
    try {
      for (const some of chunks(ids)) await this.request("notification:archive", { ids: some });
    } catch (error) {
      this.inbox.unarchived(ids);
      throw error;
    }
  }
}

/** @param {string[]} ids @returns {string[][]} as many as one request may name */
function chunks(ids) {
  const count = Math.ceil(ids.length / AT_ONCE);
  return Array.from({ length: count }, (_, at) => ids.slice(at * AT_ONCE, (at + 1) * AT_ONCE));
}
