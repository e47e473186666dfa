/**
 * The client's part of a stream: the items it holds, its cursor, and whether a batch continues there or
 * reveals a gap. No I/O.
 */

/** @import { Batch, Item, SyncAnswer } from "./types.d.ts" */

const OUTSIDE_LIMIT = 1_000;
const END = Number.POSITIVE_INFINITY;

/**
 * One contiguous part of a stream: every item with a seq from `floor` to `ceiling`, in its version of
 * `cursor`. Mostly it is the newest part and reaches the end; around an older item it does not.
 * @template {Item} T
 */
export class Stream {
  /** The highest rev applied. */
  cursor = 0;
  /** Older items than this seq are not held; 0 where everything is. */
  floor = 0;
  /** Newer items than this seq are not held; infinite where the part reaches the end. */
  ceiling = END;
  /** @type {Map<string, T>} */
  items = new Map();
  /** The highest rev that the server spoke of. */
  #known = 0;
  /** @type {T[] | null} */
  #ordered = null;
  /** The highest rev of a batch since `asked`. */
  #heard = 0;
  /**
   * Newer versions of items that are not held. History that was read before the change may arrive
   * after it, and must not win.
   * @type {Map<string, T>}
   */
  #outside = new Map();
  /** The highest seq that `#outside` had no place for. */
  #evicted = 0;

  /** Whether every new item is held. */
  get reachesEnd() {
    return this.ceiling === END;
  }

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
   * @returns {{ gap: boolean, changed: T[], news: T[] }} `changed` is held; `news` was not there
   *   before, and is held only where this part reaches the end
   */
  apply(batch) {
    this.#known = Math.max(this.#known, batch.rev);
    this.#heard = Math.max(this.#heard, batch.rev);
    if (batch.prev > this.cursor) return { gap: true, changed: [], news: [] };
    const news = this.#newsOf(batch.items);
    const changed = this.#upsert(batch.items);
    this.cursor = Math.max(this.cursor, batch.rev);
    return { gap: false, changed, news };
  }

  /** An item is new where its first entry is. @param {T[]} items @returns {T[]} in seq order */
  #newsOf(items) {
    const { cursor } = this;
    return items.filter(({ seq }) => seq > cursor).sort((a, b) => a.seq - b.seq);
  }

  /**
   * Apply the answer to a sync or join that was asked with this cursor.
   * @param {SyncAnswer<T>} answer
   * @returns {{ changed: T[], news: T[], reset: boolean }}
   */
  applySync(answer) {
    if (answer.reset)
      return { changed: this.restart(answer, answer.older ?? true), news: [], reset: true };
    const news = this.#newsOf(answer.items);
    const changed = this.#upsert(answer.items);
    this.cursor = Math.max(this.cursor, answer.rev);
    this.#known = Math.max(this.#known, answer.rev + (answer.more ? 1 : 0));
    return { changed, news, reset: false };
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
    this.#outside.clear();
    this.#evicted = 0;
    this.cursor = rev;
    this.#known = Math.max(rev, this.#heard);
    this.floor = hasOlder ? lowest(items, 0) : 0;
    this.ceiling = END;
    return this.#upsert(items);
  }

  /**
   * Hold another part instead, such as the one around an older item. The cursor stays: changes of
   * items on either side come in the batches as before.
   * @param {T[]} items a contiguous part of history
   * @param {{ older: boolean, newer: boolean }} beyond whether the stream has items on either side
   */
  moveTo(items, { older, newer }) {
    const held = [...this.items.values()];
    this.items.clear();
    this.#ordered = null;
    this.floor = older ? lowest(items, this.floor) : 0;
    this.#raise(items, newer, 0);
    // The held versions are those of the cursor; the page may be older.
    this.#upsert(held.filter(({ seq }) => this.#isWithin(seq)));
    this.#upsert(items);
    this.#takeIn();
  }

  /**
   * Take the page of history that ends below the floor.
   * @param {T[]} items
   * @param {boolean} hasOlder
   * @returns {T[]} the items of the page in their newest known version
   */
  applyHistory(items, hasOlder) {
    this.floor = hasOlder ? lowest(items, this.floor) : 0;
    return [...this.#upsert(items), ...this.#takeIn()];
  }

  /**
   * Take the page of history that begins above the ceiling.
   * @param {T[]} items
   * @param {boolean} hasNewer
   */
  applyNewer(items, hasNewer) {
    this.#raise(items, hasNewer, this.ceiling);
    this.#upsert(items);
    this.#takeIn();
  }

  /** @param {T[]} items @param {boolean} hasNewer @param {number} otherwise the seq where there are none */
  #raise(items, hasNewer, otherwise) {
    const highest = items.reduce((high, { seq }) => Math.max(high, seq), 0) || otherwise;
    // Items that came after the page was read, and found no place, have to be asked for too.
    this.ceiling = hasNewer || this.#evicted > highest ? highest : END;
    if (this.reachesEnd) this.#evicted = 0;
  }

  /** @returns {T[]} those of the items outside that belong to the part now */
  #takeIn() {
    /** @type {T[]} */
    const changed = [];
    for (const [id, item] of this.#outside) {
      if (!this.#isWithin(item.seq)) continue;
      this.#outside.delete(id);
      changed.push(...this.#upsert([item]));
    }
    return changed;
  }

  /** @param {number} seq */
  #isWithin(seq) {
    return seq >= this.floor && seq <= this.ceiling;
  }

  /**
   * Let go of the oldest beyond `limit`; history brings them back.
   * @param {number} limit
   * @returns {boolean} whether anything was dropped
   */
  trim(limit) {
    if (!this.#drop(this.ordered().slice(0, -limit))) return false;
    this.floor = this.ordered()[0]?.seq ?? this.floor;
    return true;
  }

  /**
   * Let go of the newest beyond `limit`; the part no longer reaches the end.
   * @param {number} limit
   * @returns {boolean} whether anything was dropped
   */
  trimNewest(limit) {
    this.#evicted = Math.max(this.#evicted, this.ordered().at(-1)?.seq ?? 0);
    if (!this.#drop(this.ordered().slice(limit))) return false;
    this.ceiling = this.ordered().at(-1)?.seq ?? this.ceiling;
    return true;
  }

  /** @param {readonly T[]} dropped */
  #drop(dropped) {
    if (dropped.length === 0) return false;
    for (const item of dropped) this.items.delete(item.id);
    this.#ordered = null;
    return true;
  }

  /** @param {T[]} items @returns {T[]} those that were news */
  #upsert(items) {
    return items.filter((item) => {
      const home = this.#isWithin(item.seq) ? this.items : this.#outside;
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
    if (this.#outside.size <= OUTSIDE_LIMIT) return;
    const [oldest] = this.#outside;
    if (!oldest) return;
    this.#outside.delete(oldest[0]);
    if (oldest[1].seq > this.ceiling) this.#evicted = Math.max(this.#evicted, oldest[1].seq);
  }
}

/** @param {Item[]} items @param {number} otherwise where there are none */
function lowest(items, otherwise) {
  return items.reduce((low, item) => Math.min(low, item.seq), items[0]?.seq ?? otherwise);
}
