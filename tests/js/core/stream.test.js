import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Stream } from "../../../static/js/core/stream.js";
import { message } from "../fakes.js";

/** @import { Message } from "../../../static/js/chat/types.d.ts" */

/** A log as a server keeps it: entry `rev` sends a message, or changes the one with seq `of`. */
class Log {
  /** @param {(number | null)[]} choices for each entry: null sends, a number picks what is changed */
  constructor(choices) {
    /** @type {number[]} the seq that each entry concerns, by rev - 1 */
    this.entries = [];
    for (const [at, choice] of choices.entries()) {
      const sent = this.entries.filter((seq, index) => seq === index + 1);
      const of = choice === null ? undefined : sent[choice % Math.max(sent.length, 1)];
      this.entries.push(of ?? at + 1);
    }
  }

  get head() {
    return this.entries.length;
  }

  /** @param {number} seq @param {number} rev */
  #at(seq, rev) {
    const last = this.entries.slice(0, rev).lastIndexOf(seq) + 1;
    return message(last, { id: `m-${seq}`, seq, text: `${seq} as of ${last}` });
  }

  /** Everything at `rev`, in display order. @param {number} rev */
  state(rev) {
    const seqs = [...new Set(this.entries.slice(0, rev))].sort((a, b) => a - b);
    return seqs.map((seq) => this.#at(seq, rev));
  }

  /** @param {number} prev @param {number} rev */
  batch(prev, rev) {
    const seqs = [...new Set(this.entries.slice(prev, rev))];
    const items = seqs.map((seq) => this.#at(seq, rev)).sort((a, b) => a.rev - b.rev);
    return { prev, rev, items };
  }

  /** @param {number} cursor @param {number} limit @param {number} head */
  sync(cursor, limit, head) {
    const rev = Math.min(cursor + limit, head);
    const seqs = new Set(this.entries.slice(cursor, rev));
    const items = this.state(head).filter(({ seq }) => seqs.has(seq));
    return { rev, items, more: rev < head, reset: false };
  }

  /** @param {number} count @param {number} head */
  newest(count, head) {
    const all = this.state(head);
    return { rev: head, items: all.slice(-count), older: all.length > count };
  }

  /** @param {number} before @param {number} limit @param {number} head */
  history(before, limit, head) {
    const older = this.state(head).filter(({ seq }) => seq < before);
    return { items: older.slice(-limit), more: older.length > limit };
  }

  /** @param {number} after @param {number} limit @param {number} head */
  after(after, limit, head) {
    const newer = this.state(head).filter(({ seq }) => seq > after);
    return { items: newer.slice(0, limit), more: newer.length > limit };
  }

  /** @param {number} seq @param {number} limit @param {number} head */
  around(seq, limit, head) {
    const older = this.history(seq + 1, limit, head);
    const newer = this.after(seq, limit, head);
    return { items: [...older.items, ...newer.items], older: older.more, newer: newer.more };
  }
}

/** @returns {Stream<Message>} */
const open = () => new Stream();

const logs = fc
  .array(fc.option(fc.nat(), { nil: null }), { minLength: 1, maxLength: 40 })
  .map((choices) => new Log(choices));
const fractions = fc.array(fc.tuple(fc.nat(), fc.nat()), { maxLength: 30 });

/** @param {Stream<Message>} stream @param {Log} log */
function syncUp(stream, log) {
  while (true) {
    const answer = log.sync(stream.cursor, 3, log.head);
    stream.applySync(answer);
    if (!answer.more && !stream.isBehind) return;
  }
}

test("any order, repetition and loss of batches, then a sync, equals the log", () => {
  fc.assert(
    fc.property(logs, fractions, (log, cuts) => {
      const stream = open();
      for (const [a, b] of cuts) {
        const [prev, rev] = [a % (log.head + 1), b % (log.head + 1)].sort((x, y) => x - y);
        stream.apply(log.batch(prev ?? 0, rev ?? 0));
        // The held items are those of the log up to the cursor: none too many and none too few.
        const ids = log.state(stream.cursor).map(({ id }) => id);
        assert.deepEqual(
          stream.ordered().map(({ id }) => id),
          ids,
        );
      }
      syncUp(stream, log);
      assert.equal(stream.cursor, log.head);
      assert.deepEqual(stream.ordered(), log.state(log.head));
    }),
  );
});

test("every batch in order needs no sync", () => {
  fc.assert(
    fc.property(logs, (log) => {
      const stream = open();
      for (let rev = 0; rev < log.head; rev += 1) {
        assert.equal(stream.apply(log.batch(rev, rev + 1)).gap, false);
      }
      assert.deepEqual(stream.ordered(), log.state(log.head));
      assert.equal(stream.isBehind, false);
    }),
  );
});

test("history that was read before a change does not undo it", () => {
  fc.assert(
    fc.property(logs, fc.nat(), fc.integer({ min: 1, max: 5 }), (log, at, limit) => {
      const start = at % (log.head + 1);
      const stream = open();
      const { older, ...newest } = log.newest(limit, start);
      stream.restart(newest, older);
      let more = older;
      // Each page is read when the log stood at `start`, and arrives after all that came later.
      const stale = [];
      for (let before = stream.floor; more; ) {
        const page = log.history(before, limit, start);
        stale.push(page);
        before = page.items[0]?.seq ?? 0;
        more = page.more;
      }
      stream.apply(log.batch(start, log.head));
      for (const page of stale) stream.applyHistory(page.items, page.more);
      assert.deepEqual(stream.ordered(), log.state(log.head));
    }),
  );
});

test("a change of a message older than what is held leaves no hole", () => {
  const stream = open();
  stream.restart({ rev: 100, items: [message(99), message(100)] }, true);
  const { changed } = stream.apply({ prev: 100, rev: 101, items: [message(101, { seq: 5 })] });
  assert.deepEqual(changed, []);
  assert.equal(stream.cursor, 101);
  assert.deepEqual(
    stream.ordered().map(({ seq }) => seq),
    [99, 100],
  );
});

test("a gap changes nothing and asks for a sync", () => {
  const stream = open();
  assert.deepEqual(stream.apply({ prev: 3, rev: 4, items: [message(4)] }), {
    gap: true,
    changed: [],
    news: [],
  });
  assert.equal(stream.cursor, 0);
  assert.equal(stream.isBehind, true);
});

test("a batch at or below the cursor is old news", () => {
  const stream = open();
  const batch = { prev: 0, rev: 1, items: [message(1)] };
  stream.apply(batch);
  assert.deepEqual(stream.apply(batch), { gap: false, changed: [], news: [] });
});

test("an empty batch tells of a gap", () => {
  const stream = open();
  assert.equal(stream.apply({ prev: 7, rev: 7, items: [] }).gap, true);
  assert.equal(stream.isBehind, true);
});

test("a reset drops what is held, also from a log that was ahead", () => {
  const stream = open();
  stream.apply({ prev: 0, rev: 50, items: [message(50)] });
  stream.asked();
  const { reset } = stream.applySync({ rev: 2, items: [message(2)], more: false, reset: true });
  assert.equal(reset, true);
  assert.equal(stream.cursor, 2);
  assert.equal(stream.isBehind, false);
  assert.deepEqual(
    stream.ordered().map(({ seq }) => seq),
    [2],
  );
});

test("a batch that overtakes the snapshot it follows is not forgotten", () => {
  const stream = open();
  stream.asked();
  stream.apply({ prev: 10, rev: 11, items: [message(11)] });
  stream.restart({ rev: 10, items: [message(10)] }, false);
  assert.equal(stream.isBehind, true);
});

test("an answer with more to come leaves the stream behind", () => {
  const stream = open();
  stream.applySync({ rev: 5, items: [message(5)], more: true, reset: false });
  assert.equal(stream.isBehind, true);
  stream.applySync({ rev: 6, items: [message(6)], more: false, reset: false });
  assert.equal(stream.isBehind, false);
});

test("a tombstone takes the content's place", () => {
  const stream = open();
  stream.apply({ prev: 0, rev: 1, items: [message(1)] });
  stream.apply({ prev: 1, rev: 2, items: [message(2, { seq: 1, text: "", deleted: true })] });
  assert.deepEqual(
    stream.ordered().map(({ seq, deleted }) => ({ seq, deleted })),
    [{ seq: 1, deleted: true }],
  );
});

test("trimming keeps the newest, and what was dropped comes back as history only", () => {
  const stream = open();
  stream.apply({ prev: 0, rev: 4, items: [1, 2, 3, 4].map((rev) => message(rev)) });
  assert.equal(stream.trim(2), true);
  stream.apply({ prev: 4, rev: 5, items: [message(5, { seq: 1 })] });
  assert.deepEqual(
    stream.ordered().map(({ seq }) => seq),
    [3, 4],
  );
  stream.applyHistory([message(1), message(2)], false);
  assert.deepEqual(
    stream.ordered().map(({ seq, rev }) => [seq, rev]),
    [
      [1, 5],
      [2, 2],
      [3, 3],
      [4, 4],
    ],
  );
});

/** The held items are those of the log at the cursor, from floor to ceiling. @param {Stream<Message>} stream @param {Log} log */
function assertContiguous(stream, log) {
  const within = log
    .state(stream.cursor)
    .filter(({ seq }) => seq >= stream.floor && seq <= stream.ceiling);
  assert.deepEqual(
    stream.ordered().map(({ id }) => id),
    within.map(({ id }) => id),
  );
  for (const held of stream.ordered())
    assert.ok(held.rev >= (log.state(stream.cursor).find(({ id }) => id === held.id)?.rev ?? 0));
}

/**
 * The steps that move or bound the part. Each asks the server first, and applies the answer later.
 * @type {((stream: Stream<Message>, log: Log, at: number) => () => void)[]}
 */
const STEPS = [
  (stream, log, at) => {
    const around = log.around(at % Math.max(stream.cursor, 1), 2, stream.cursor);
    return () => around.items.length > 0 && stream.moveTo(around.items, around);
  },
  (stream, log) => {
    if (stream.floor === 0) return () => {};
    const { items, more } = log.history(stream.floor, 2, stream.cursor);
    return () => stream.applyHistory(items, more);
  },
  (stream, log) => {
    if (stream.reachesEnd) return () => {};
    const { items, more } = log.after(stream.ceiling, 2, stream.cursor);
    return () => stream.applyNewer(items, more);
  },
  (stream) => () => stream.trim(4),
  (stream) => () => stream.trimNewest(4),
];

test("a part around any item stays contiguous and current, whichever way it grows", () => {
  const steps = fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 6 })), { maxLength: 25 });
  fc.assert(
    fc.property(logs, steps, (log, todo) => {
      const stream = open();
      const { older, ...newest } = log.newest(3, Math.ceil(log.head / 3));
      stream.restart(newest, older);
      for (const [kind, at, late] of todo) {
        const answered = STEPS[kind % STEPS.length]?.(stream, log, at);
        const rev = Math.min(stream.cursor + late, log.head);
        stream.apply(log.batch(stream.cursor, rev));
        answered?.();
        assertContiguous(stream, log);
      }
      for (let times = 0; !stream.reachesEnd; times += 1) {
        STEPS[2]?.(stream, log, 0)();
        assert.ok(times < 100, "the end is reached");
      }
      assertContiguous(stream, log);
    }),
    { numRuns: 500 },
  );
});

test("a message above the part is told of as news, and not held until its page comes", () => {
  const stream = open();
  stream.restart({ rev: 100, items: [message(99), message(100)] }, true);
  stream.moveTo([message(10), message(11)], { older: true, newer: true });
  const batch = { prev: 100, rev: 101, items: [message(101)] };
  const { changed, news } = stream.apply(batch);
  assert.deepEqual([changed, news], [[], batch.items]);
  assert.equal(stream.reachesEnd, false);
  stream.moveTo([message(99), message(100)], { older: true, newer: false });
  assert.deepEqual(
    stream.ordered().map(({ seq }) => seq),
    [99, 100, 101],
  );
});
