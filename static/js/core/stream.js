/**
 * The client's part of a stream: the items it holds, its cursor, and whether a batch continues there or
 * reveals a gap. No I/O.
 */

/** @import { Batch, Item, SyncAnswer } from "./types.d.ts" */

const BELOW_LIMIT = 1_000;

/**
 * The newest part of a stream: every item whose seq is at least `floor`, in its version of `cursor`.
 * @template {Item} T
 */
export class Stream {
  /** The highest rev applied. */
  cursor = 0;
  /** Older items than this seq are not held; 0 where everything is. */
  floor = 0;
  /** @type {Map<string, T>} */
  items = new Map();
  /** The highest rev that the server spoke of. */
  #known = 0;
  /** @type {T[] | null} */
  #ordered = null;
  /** The highest rev of a batch since `asked`. */
  #heard = 0;
  /**
   * Newer versions of items below the floor. History that was read before the change may arrive
   * after it, and must not win.
   * @type {Map<string, T>}
   */
  #below = new Map();

  /** Whether the server has changes that are not applied here: time to sync. */
  get isBehind() {
    return this.#known > this.cursor;
  }

  /**
   * The server is being asked for what is missing. Batches that overtake the answer are remembered:
   * a snapshot replaces everything held, but not the knowledge that more came after it.
   */
  asked() {
    this.#heard = 0;
  }

  /** Everything held, in display order; the same array until something changes. @returns {readonly T[]} */
  ordered() {
    this.#ordered ??= [...this.items.values()].sort((a, b) => a.seq - b.seq);
    return this.#ordered;
  }

  /**
   * Show held items otherwise, as with other names.
   * @param {(item: T) => T} change gives the item itself where it stays as it is
   * @returns {boolean} whether any changed
   */
  replace(change) {
    let isNews = false;
    for (const item of this.ordered()) {
      const other = change(item);
      if (other === item) continue;
      this.#set(other);
      isNews = true;
    }
    return isNews;
  }

  /** @param {T} item */
  #set(item) {
    this.items.set(item.id, item);
    this.#ordered = null;
  }

  /**
   * Apply a live batch; one that does not continue at the cursor changes nothing.
   * @param {Batch<T>} batch
   * @returns {{ gap: boolean, changed: T[] }}
   */
  apply(batch) {
    this.#known = Math.max(this.#known, batch.rev);
    this.#heard = Math.max(this.#heard, batch.rev);
    if (batch.prev > this.cursor) return { gap: true, changed: [] };
    const changed = this.#upsert(batch.items);
    this.cursor = Math.max(this.cursor, batch.rev);
    return { gap: false, changed };
  }

  /**
   * Apply the answer to a sync or join that was asked with this cursor.
   * @param {SyncAnswer<T>} answer
   * @returns {{ changed: T[], reset: boolean }}
   */
  applySync(answer) {
    if (answer.reset) return { changed: this.restart(answer, answer.older ?? true), reset: true };
    const changed = this.#upsert(answer.items);
    this.cursor = Math.max(this.cursor, answer.rev);
    this.#known = Math.max(this.#known, answer.rev + (answer.more ? 1 : 0));
    return { changed, reset: false };
  }

  /**
   * Drop what is held and take this snapshot of the newest items.
   * @param {{ rev: number, items: T[] }} snapshot
   * @param {boolean} hasOlder whether the stream has items older than these
   * @returns {T[]} what is held now
   */
  restart({ rev, items }, hasOlder) {
    this.items.clear();
    this.#ordered = null;
    this.#below.clear();
    this.cursor = rev;
    this.#known = Math.max(rev, this.#heard);
    this.floor = hasOlder ? lowest(items, 0) : 0;
    return this.#upsert(items);
  }

  /**
   * Take the page of history that ends below the floor.
   * @param {T[]} items
   * @param {boolean} hasOlder
   * @returns {T[]} the items of the page in their newest known version
   */
  applyHistory(items, hasOlder) {
    this.floor = hasOlder ? lowest(items, this.floor) : 0;
    const changed = this.#upsert(items);
    for (const [id, item] of this.#below) {
      if (item.seq < this.floor) continue;
      this.#below.delete(id);
      changed.push(...this.#upsert([item]));
    }
    return changed;
  }

  /**
   * Let go of the oldest beyond `limit`; history brings them back.
   * @param {number} limit
   * @returns {boolean} whether anything was dropped
   */
  trim(limit) {
    const dropped = this.ordered().slice(0, -limit);
    if (dropped.length === 0) return false;
    for (const item of dropped) this.items.delete(item.id);
    this.#ordered = null;
    this.floor = this.ordered()[0]?.seq ?? this.floor;
    return true;
  }

  /** @param {T[]} items @returns {T[]} those that were news */
  #upsert(items) {
    return items.filter((item) => {
      const home = item.seq < this.floor ? this.#below : this.items;
      const held = home.get(item.id);
      if (held && held.rev >= item.rev) return false;
      if (home === this.items) {
        this.#set(item);
        return true;
      }
      home.set(item.id, item);
      this.#bound();
      return false;
    });
  }

  #bound() {
    if (this.#below.size <= BELOW_LIMIT) return;
    const [oldest] = this.#below.keys();
    if (oldest !== undefined) this.#below.delete(oldest);
  }
}

/** @param {Item[]} items @param {number} otherwise where there are none */
function lowest(items, otherwise) {
  return items.reduce((low, item) => Math.min(low, item.seq), items[0]?.seq ?? otherwise);
}
