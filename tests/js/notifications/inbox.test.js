import assert from "node:assert/strict";
import { test } from "node:test";
import { RequestError } from "../../../static/js/core/errors.js";
import { Inbox } from "../../../static/js/notifications/inbox.js";
import { InboxClient } from "../../../static/js/notifications/inbox_client.js";
import { FakeClock, settled } from "../fakes.js";
import { notice } from "./fakes.js";

/** An inbox with these unread ones. @param {number[]} revs @param {number} [unread] */
function inboxWith(revs, unread = revs.length) {
  const inbox = new Inbox();
  const items = revs.map((rev) => notice(rev));
  inbox.welcome({ unread, rev: revs.at(-1) ?? 0, items });
  return inbox;
}

/** The batch that marks these as read, from this cursor on. @param {number} prev @param {number[]} seqs @param {number} unread */
function readBatch(prev, seqs, unread) {
  const items = seqs.map((seq, at) => notice(prev + at + 1, { seq, read: true }));
  return { prev, rev: prev + seqs.length, items, unread };
}

test("what comes is counted as the server counts it, and told as news", () => {
  const inbox = inboxWith([1, 2], 150);
  /** @type {string[]} */
  const news = [];
  inbox.on("arrived", (items) => news.push(...items.map(({ id }) => id)));
  inbox.receive({ prev: 2, rev: 3, unread: 151, items: [notice(3)] });
  assert.equal(inbox.unread, 151);
  assert.deepEqual(news, ["n-3"]);
  assert.deepEqual(
    inbox.list().map(({ id }) => id),
    ["n-3", "n-2", "n-1"],
  );
});

test("a change of an old one is no news", () => {
  const inbox = inboxWith([1, 2]);
  let told = 0;
  inbox.on("arrived", () => {
    told += 1;
  });
  inbox.receive({ prev: 2, rev: 3, unread: 2, items: [notice(3, { seq: 1, title: "edited" })] });
  assert.equal(told, 0);
  assert.equal(inbox.find("n-1")?.title, "edited");
});

test("a batch behind a gap changes neither the list nor the count", () => {
  const inbox = inboxWith([1, 2]);
  inbox.receive({ prev: 5, rev: 6, unread: 6, items: [notice(6)] });
  assert.equal(inbox.unread, 2);
  assert.equal(inbox.isBehind, true);
});

test("reading counts at once, and is not counted twice when the server tells it", () => {
  const inbox = inboxWith([1, 2, 3]);
  assert.deepEqual(inbox.read(["n-1", "n-2", "nobody's"]), ["n-1", "n-2"]);
  assert.equal(inbox.unread, 1);
  inbox.receive(readBatch(3, [1, 2], 1));
  assert.equal(inbox.unread, 1);
  assert.equal(inbox.find("n-1")?.read, true);
});

test("what the server refuses to mark is unread again", () => {
  const inbox = inboxWith([1, 2]);
  inbox.unreadAgain(inbox.read(["n-1"]));
  assert.equal(inbox.unread, 2);
  assert.equal(inbox.find("n-1")?.read, false);
});

test("reading all of many shows none while the server still works through them", () => {
  const inbox = inboxWith([1, 2], 500);
  inbox.readAll();
  assert.equal(inbox.unread, 0);
  inbox.receive(readBatch(2, [2], 300));
  assert.equal(inbox.unread, 0);
  inbox.receive({ prev: 3, rev: 4, unread: 301, items: [notice(4)] });
  assert.equal(inbox.unread, 1, "what came meanwhile is unread");
  inbox.answeredAll(true);
  inbox.receive(readBatch(4, [1], 1));
  assert.equal(inbox.unread, 1);
});

test("reading all comes back when it is refused", () => {
  const inbox = inboxWith([1, 2], 40);
  inbox.readAll();
  inbox.answeredAll(false);
  assert.equal(inbox.unread, 40);
});

test("what is archived is gone at once and counts as read", () => {
  const inbox = inboxWith([1, 2]);
  inbox.archive(["n-2"]);
  assert.deepEqual([inbox.unread, inbox.list().length], [1, 1]);
  const item = notice(3, { seq: 2, read: true, archived: true });
  inbox.receive({ prev: 2, rev: 3, unread: 1, items: [item] });
  assert.deepEqual([inbox.unread, inbox.list().length], [1, 1]);
  inbox.unarchived(["n-2"]);
  assert.equal(inbox.list().length, 1, "the server has told of it: nothing brings it back");
});

test("what was taken back disappears", () => {
  const inbox = inboxWith([1, 2]);
  inbox.receive({ prev: 2, rev: 3, unread: 1, items: [notice(3, { seq: 1, deleted: true })] });
  assert.deepEqual([inbox.unread, inbox.list().length], [1, 1]);
});

test("the page's own list stands when the inbox arrives", () => {
  const inbox = new Inbox();
  inbox.listed([notice(1, { read: true }), notice(2)]);
  inbox.welcome({ unread: 1, rev: 2, items: [notice(2)] });
  assert.equal(inbox.list().length, 2);
});

/** A server that answers as told. */
function server() {
  /** @type {Record<string, (payload: any) => void>} */
  const listeners = {};
  /** @type {[string, any][]} */
  const asked = [];
  /** @type {Record<string, (payload: any) => any>} */
  const answers = {};
  const channel = /** @type {any} */ ({
    on: (/** @type {string} */ name, /** @type {any} */ listener) => {
      listeners[name] = listener;
    },
    request: async (/** @type {string} */ name, /** @type {any} */ payload) => {
      asked.push([name, payload]);
      return answers[name]?.(payload) ?? { ok: true, unread: 0 };
    },
  });
  const inbox = new Inbox();
  const clock = new FakeClock();
  const inboxClient = new InboxClient({ inbox, channel, clock });
  const say = (/** @type {string} */ name, /** @type {any} */ payload) =>
    listeners[name]?.(payload);
  return { asked, answers, inbox, clock, inboxClient, say };
}

test("a device that was away asks for what it missed and tells it as news", async () => {
  const { asked, answers, inbox, say } = server();
  /** @type {string[]} */
  const news = [];
  inbox.on("arrived", (items) => news.push(...items.map(({ id }) => id)));
  say("inbox", { unread: 1, rev: 1, items: [notice(1)] });
  answers["inbox:sync"] = () => ({
    rev: 3,
    items: [notice(2, { seq: 1, read: true }), notice(3)],
    more: false,
    reset: false,
    unread: 1,
  });
  say("inbox", { unread: 1, rev: 3, items: [notice(3)] });
  await settled();
  assert.deepEqual(asked, [["inbox:sync", { cursor: 1 }]]);
  assert.deepEqual(news, ["n-3"]);
  assert.equal(inbox.find("n-1")?.read, true);
});

test("a sync that fails is tried again later, not at once", async () => {
  const { asked, answers, inbox, clock, say } = server();
  say("inbox", { unread: 0, rev: 1, items: [] });
  answers["inbox:sync"] = () => {
    throw new RequestError("unavailable", "away", { retry_after: 3 });
  };
  say("notifications", { prev: 4, rev: 5, unread: 2, items: [notice(5)] });
  await settled();
  await clock.pass(2_900);
  assert.equal(asked.length, 1);
  answers["inbox:sync"] = () => ({
    rev: 5,
    items: [notice(5)],
    more: false,
    reset: false,
    unread: 1,
  });
  await clock.pass(200);
  assert.equal(inbox.unread, 1);
});

test("a refused request takes back what was shown, and says so", async () => {
  const { answers, inbox, inboxClient, say } = server();
  say("inbox", { unread: 2, rev: 2, items: [notice(1), notice(2)] });
  answers["notification:read"] = answers["notification:archive"] = () => {
    throw new RequestError("unavailable", "away");
  };
  await assert.rejects(inboxClient.read(["n-1"]));
  await assert.rejects(inboxClient.readAll());
  await assert.rejects(inboxClient.archive(["n-2"]));
  assert.deepEqual([inbox.unread, inbox.list().length], [2, 2]);
});

test("what is seen but can't be marked is not tried again at once, and marked when it can be", async () => {
  const { asked, answers, inbox, clock, inboxClient, say } = server();
  say("inbox", { unread: 1, rev: 1, items: [notice(1)] });
  const look = () => inboxClient.seen(inbox.list().flatMap((item) => (item.read ? [] : [item.id])));
  inbox.on("changed", look);
  answers["notification:read"] = () => {
    if (asked.length > 50) return new Promise(() => {});
    throw new RequestError("unavailable", "away", { retry_after: 3 });
  };
  await look();
  assert.equal(asked.length, 1);
  assert.equal(inbox.unread, 1);
  await clock.pass(3_000);
  answers["notification:read"] = () => ({ unread: 0 });
  await look();
  assert.equal(asked.length, 2);
  assert.equal(inbox.unread, 0);
});

test("nothing is marked without a connection, and what was seen meanwhile is marked with the next", async () => {
  const { asked, answers, inbox, inboxClient, say } = server();
  say("inbox", { unread: 1, rev: 1, items: [notice(1)] });
  answers["notification:read"] = () => ({ unread: 0 });
  const look = () => inboxClient.seen(inbox.list().flatMap((item) => (item.read ? [] : [item.id])));
  inboxClient.lost();
  inbox.on("changed", look);
  await look();
  assert.deepEqual(asked, []);
  say("inbox", { unread: 1, rev: 1, items: [] });
  await settled();
  assert.deepEqual(asked, [["notification:read", { ids: ["n-1"] }]]);
});
