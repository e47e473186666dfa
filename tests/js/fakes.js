/** A clock that moves when told, and people with names: what the tests of the core share. */

export const ana = /** @type {const} */ ({
  id: "u-ana",
  username: "ana",
  name: "Ana",
  role: "member",
});
export const ben = /** @type {const} */ ({
  id: "u-ben",
  username: "ben",
  name: "Ben",
  role: "member",
});

/** Time that passes only in `pass`. */
export class FakeClock {
  #now = Date.UTC(2026, 0, 1);
  /** @type {Set<{ at: number, run: () => void }>} */
  #timers = new Set();

  now = () => this.#now;

  /** @param {number} ms @param {() => void} run */
  after = (ms, run) => {
    const timer = { at: this.#now + ms, run };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get waiting() {
    return this.#timers.size;
  }

  /** Let this much time pass, and everything that is due in it happen. @param {number} ms */
  async pass(ms) {
    const until = this.#now + ms;
    for (let next = this.#next(until); next; next = this.#next(until)) {
      this.#timers.delete(next);
      this.#now = next.at;
      next.run();
      await settled();
    }
    this.#now = until;
    await settled();
  }

  /** @param {number} until */
  #next(until) {
    const due = [...this.#timers].filter(({ at }) => at <= until);
    return due.sort((a, b) => a.at - b.at)[0];
  }
}

/** Everything that promises set in motion has come to rest. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

let ids = 0;
export function newId() {
  ids += 1;
  return `id-${ids}`;
}

/**
 * A message of the log.
 * @param {number} rev
 * @param {Partial<import("../../static/js/chat/types.d.ts").Message>} [more]
 * @returns {import("../../static/js/chat/types.d.ts").Message}
 */
export function message(rev, more = {}) {
  return {
    id: `m-${more.seq ?? rev}`,
    seq: rev,
    rev,
    room: "r-1",
    at: "2026-01-01T00:00:00.000Z",
    by: { id: ben.id, name: ben.name },
    text: `text ${rev}`,
    html: `<p>text ${rev}</p>`,
    mentions: [],
    reactions: {},
    ...more,
  };
}

/**
 * @param {Partial<import("../../static/js/chat/types.d.ts").Room>} [more]
 * @returns {import("../../static/js/chat/types.d.ts").Room}
 */
export function room(more = {}) {
  return {
    id: "r-1",
    slug: "hallway",
    name: "hallway",
    kind: "open",
    topic: "",
    owner: ana.id,
    archived: false,
    member: true,
    rev: 0,
    unread: 0,
    mentions: 0,
    last_read: 0,
    ...more,
  };
}
