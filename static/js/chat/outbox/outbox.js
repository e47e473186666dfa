/**
 * The messages that this account wrote and the server has not acknowledged: their order and states,
 * without I/O. `store` keeps them over reloads; `tell` tells the other tabs.
 */

import { Emitter } from "../../core/emitter.js";
import { t } from "../../core/i18n.js";

/** @import { Me, Message, Pending } from "../types.d.ts" */
/** @import { OutboxEntry, OutboxNews, OutboxStore } from "./types.d.ts" */

/** @typedef {{ changed: [], queued: [] }} Events */

const LIMIT = 500;
const FORGET_AFTER = 2_000;
const NOT_KEPT = t("This browser could not keep the message. Copy it, or try again.");

/** @extends {Emitter<Events>} */
export class Outbox extends Emitter {
  /** In order; those that the store has not taken yet are last, with an endless `n`. @type {OutboxEntry[]} */
  #entries = [];
  /** Acknowledged, but not received in their room yet. @type {Map<string, { entry: OutboxEntry, rev: number }>} */
  #acked = new Map();
  /** Ids of messages that are done: a late answer of the store or message of a tab must not revive them. @type {Set<string>} */
  #done = new Set();

  /**
   * @param {object} parts
   * @param {Me} parts.me
   * @param {OutboxStore} parts.store
   * @param {(news: OutboxNews) => void} parts.tell
   * @param {() => number} parts.now
   * @param {() => string} parts.newId
   */
  constructor({ me, store, tell, now, newId }) {
    super();
    this.#me = me;
    this.#store = store;
    this.#tell = tell;
    this.#now = now;
    this.#newId = newId;
  }

  #me;
  #store;
  #tell;
  #now;
  #newId;

  /** Load the stored entries, also those of earlier visits and other tabs. */
  async load() {
    const stored = await this.#store.all(this.#me.id);
    for (const entry of stored) {
      if (this.#done.has(entry.client_id)) this.#forget(entry);
      else this.#place(entry);
    }
    this.#changed();
  }

  /** Whether it holds as many messages as it may. */
  get isFull() {
    return this.#entries.length >= LIMIT;
  }

  /** How many messages are being sent. */
  get sending() {
    return this.#entries.filter((entry) => entry.state === "queued").length;
  }

  /**
   * Keep a message for sending.
   * @param {string} room its id
   * @param {string} text
   * @param {string} [reply_to] a message id
   * @returns {Promise<void>} when it is stored, or has failed
   */
  async add(room, text, reply_to) {
    /** @type {OutboxEntry} */
    const entry = {
      client_id: this.#newId(),
      account: this.#me.id,
      room,
      text,
      ...(reply_to ? { reply_to } : {}),
      at: new Date(this.#now()).toISOString(),
      n: Number.POSITIVE_INFINITY,
      state: "queued",
    };
    this.#entries.push(entry);
    this.#changed();
    await this.#keep(entry);
  }

  /** @param {OutboxEntry} entry */
  async #keep(entry) {
    const { n: _, ...content } = entry;
    try {
      entry.n = await this.#store.add(content);
    } catch {
      this.#fail(entry, NOT_KEPT);
      return;
    }
    if (this.#done.has(entry.client_id)) {
      await this.#forget(entry);
      return;
    }
    this.#sort();
    this.#tell({ kind: "kept", entry });
    this.#changed();
  }

  /**
   * The next message to send: the first in order, once it is stored.
   * @returns {OutboxEntry | undefined}
   */
  next() {
    const first = this.#entries.find((entry) => entry.state === "queued");
    return first && Number.isFinite(first.n) ? first : undefined;
  }

  /**
   * The server has acknowledged it. It is shown as pending until its room receives it.
   * @param {string} client_id
   * @param {number} rev
   */
  acked(client_id, rev) {
    const entry = this.#take(client_id);
    if (!entry) return;
    this.#acked.set(client_id, { entry, rev });
    this.#tell({ kind: "acked", entry, rev });
    this.#forget(entry);
    this.#changed();
  }

  /**
   * The server refused it.
   * @param {string} client_id
   * @param {string} sentence why, for the person
   * @param {boolean} [isTaken] the id stands for another message: a retry needs a new one
   */
  failed(client_id, sentence, isTaken = false) {
    const entry = this.#find(client_id);
    if (!entry) return;
    if (isTaken) {
      this.#tell({ kind: "gone", entry });
      this.#finish(client_id);
      entry.client_id = this.#newId();
    }
    this.#fail(entry, sentence);
    this.#save(entry);
  }

  /** @param {string} client_id */
  retry(client_id) {
    const entry = this.#find(client_id);
    if (entry?.state !== "failed") return;
    entry.state = "queued";
    delete entry.error;
    if (Number.isFinite(entry.n)) this.#save(entry);
    else this.#keep(entry);
    this.#changed();
  }

  /** @param {string} client_id */
  discard(client_id) {
    if (this.#drop(client_id)) this.#changed();
  }

  /** @param {string} client_id @returns {boolean} whether it was here */
  #drop(client_id) {
    const entry = this.#take(client_id);
    if (!entry) return false;
    this.#tell({ kind: "gone", entry });
    this.#forget(entry);
    return true;
  }

  /**
   * A room holds these messages, and everything up to `cursor`. This is the only place that recognises
   * a pending message as one that has arrived, even if a tab tells of it only later.
   * @param {string} room its id
   * @param {Iterable<Message>} messages
   * @param {number} cursor
   * @returns {boolean} whether pending messages changed; `changed` was emitted then
   */
  settle(room, messages, cursor) {
    let isNews = false;
    for (const { by, client_id } of messages) {
      if (client_id && by?.id === this.#me.id) isNews = this.#arrived(room, client_id) || isNews;
    }
    for (const [client_id, { entry, rev }] of this.#acked) {
      if (entry.room === room && rev <= cursor) isNews = this.#acked.delete(client_id);
    }
    if (isNews) this.#changed();
    return isNews;
  }

  /** @param {string} room @param {string} client_id @returns {boolean} whether it was on its way */
  #arrived(room, client_id) {
    if (this.#acked.get(client_id)?.entry.room === room) return this.#acked.delete(client_id);
    if (this.#done.has(client_id)) return false;
    const entry = this.#find(client_id);
    if (entry && entry.room !== room) return false;
    return this.#drop(client_id);
  }

  /**
   * The pending messages of a room, in the order of sending.
   * @param {string} room its id
   * @returns {Pending[]}
   */
  pending(room) {
    const acked = [...this.#acked.values()].sort((a, b) => a.rev - b.rev).map(({ entry }) => entry);
    return [...acked, ...this.#entries]
      .filter((entry) => entry.room === room)
      .map((entry) => this.#shown(entry));
  }

  /** @param {OutboxEntry} entry @returns {Pending} */
  #shown({ client_id, text, at, state, error, reply_to }) {
    const shown = state === "failed" ? "failed" : "sending";
    return { client_id, text, at, state: shown, error, by: this.#me, reply_to };
  }

  /**
   * Another tab of this account did something.
   * @param {OutboxNews} news
   */
  heard(news) {
    const { entry } = news;
    if (entry.account !== this.#me.id) return;
    if (news.kind === "kept") this.#place(entry);
    else if (this.#take(entry.client_id) && news.kind === "acked") {
      this.#acked.set(entry.client_id, { entry, rev: news.rev });
    }
    this.#changed();
  }

  /** Add or update an entry that is stored. @param {OutboxEntry} entry */
  #place(entry) {
    if (entry.account !== this.#me.id || this.#done.has(entry.client_id)) return;
    const held = this.#find(entry.client_id);
    if (held) Object.assign(held, { error: undefined }, entry);
    else this.#entries.push({ ...entry });
    this.#sort();
  }

  #sort() {
    // Entries that are not stored yet have n = Infinity; their difference is NaN, which breaks sort.
    this.#entries.sort((a, b) => (a.n === b.n ? 0 : a.n - b.n));
  }

  /** @param {string} client_id */
  #find(client_id) {
    return this.#entries.find((entry) => entry.client_id === client_id);
  }

  /** @param {string} client_id */
  #take(client_id) {
    const entry = this.#find(client_id);
    this.#entries = this.#entries.filter((other) => other !== entry);
    this.#finish(client_id);
    return entry;
  }

  /** @param {string} client_id */
  #finish(client_id) {
    this.#done.add(client_id);
    if (this.#done.size <= FORGET_AFTER) return;
    const [oldest] = this.#done;
    if (oldest !== undefined) this.#done.delete(oldest);
  }

  /** @param {OutboxEntry} entry @param {string} sentence */
  #fail(entry, sentence) {
    entry.state = "failed";
    entry.error = sentence;
    this.#changed();
  }

  /**
   * A failure to store the new state is ignored: after a reload the message is sent again under the
   * same `client_id`, which the server recognises.
   * @param {OutboxEntry} entry
   */
  async #save(entry) {
    this.#tell({ kind: "kept", entry });
    await this.#store.put(entry).catch(() => {});
  }

  /** @param {OutboxEntry} entry */
  async #forget(entry) {
    if (Number.isFinite(entry.n)) await this.#store.remove(entry.n).catch(() => {});
  }

  #changed() {
    this.emit("changed");
    if (this.next()) this.emit("queued");
  }
}
