import assert from "node:assert/strict";
import { test } from "node:test";
import { DraftSync } from "../../../../static/js/chat/composer/draft_sync.js";
import { Drafts } from "../../../../static/js/chat/composer/drafts.js";
import { RequestError } from "../../../../static/js/core/errors.js";
import { FakeClock, settled } from "../../fakes.js";

/** @import { ToldDraft } from "../../../../static/js/chat/types.d.ts" */

/** Storage in memory, as a browser has it. */
class FakeStorage {
  /** @type {Map<string, string>} */
  held = new Map();
  isFull = false;

  get length() {
    return this.held.size;
  }

  /** @param {number} at */
  key(at) {
    return [...this.held.keys()][at] ?? null;
  }

  /** @param {string} key */
  getItem(key) {
    return this.held.get(key) ?? null;
  }

  /** @param {string} key @param {string} value */
  setItem(key, value) {
    if (this.isFull) throw new Error("full");
    this.held.set(key, value);
  }

  /** @param {string} key */
  removeItem(key) {
    this.held.delete(key);
  }

  clear() {
    this.held.clear();
  }
}

function opened(storage = new FakeStorage(), account = "u-ana") {
  const page = new EventTarget();
  return { storage, page, drafts: new Drafts(account, storage, page) };
}

const reply = { id: "m-1", name: "Ben", text: "what about it?" };
const edit = { id: "m-2", before: "helo", text: "hello" };

test("a draft is whole and belongs to an account and a room", () => {
  const { drafts, storage } = opened();
  drafts.set("r-1", { text: "half a thought", reply, edit });
  assert.deepEqual(drafts.get("r-1"), { text: "half a thought", reply, edit });
  assert.deepEqual(drafts.get("r-2"), { text: "" });
  assert.deepEqual(opened(storage, "u-ben").drafts.get("r-1"), { text: "" });
  assert.deepEqual(drafts.rooms(), ["r-1"]);
  assert.ok(drafts.has("r-1"));
  drafts.set("r-1", { text: "" });
  assert.equal(storage.length, 0);
});

test("a draft of an earlier version is a text", () => {
  const { drafts, storage } = opened();
  for (const text of ["half a thought", "12", '"quoted"', "null"]) {
    storage.held.set("parley.draft.u-ana.r-1", text);
    assert.deepEqual(drafts.get("r-1"), { text });
  }
});

test("a draft that the storage has no room for lives as long as the page", () => {
  const { drafts, storage } = opened();
  storage.isFull = true;
  drafts.set("r-1", { text: "long" });
  assert.equal(drafts.get("r-1").text, "long");
  assert.deepEqual(drafts.rooms(), ["r-1"]);
});

test("another tab tells of its change by the storage", () => {
  const { drafts, page } = opened();
  /** @type {string[]} */
  const changed = [];
  drafts.on("changed", (room) => changed.push(room));
  for (const key of ["parley.draft.u-ana.r-1", "parley.draft.u-ben.r-2", "other"])
    page.dispatchEvent(Object.assign(new Event("storage"), { key }));
  assert.deepEqual(changed, ["r-1"]);
});

/** A server that keeps drafts, and a device of ana. */
function device() {
  const { drafts } = opened();
  const clock = new FakeClock();
  const server = {
    /** @type {ToldDraft[]} */
    items: [],
    /** @type {{ room: string, text: string, reply_to?: string }[]} */
    asked: [],
    /** @type {RequestError | null} */
    refusal: null,
  };
  const request = async (/** @type {string} */ name, /** @type {any} */ payload) => {
    await settled();
    if (name === "drafts:list") return { ok: true, items: server.items, more: false };
    if (server.refusal) throw server.refusal;
    server.asked.push(payload);
    return { ok: true, at: `at-${server.asked.length}` };
  };
  const sync = new DraftSync({ drafts, clock, request: /** @type {any} */ (request) });
  return { drafts, clock, server, sync };
}

test("a draft goes to the server once the person pauses, and its removal at once", async () => {
  const { drafts, clock, server, sync } = device();
  await sync.online(true);
  drafts.set("r-1", { text: "ha" });
  await clock.pass(1_000);
  drafts.set("r-1", { text: "half", reply });
  await clock.pass(1_499);
  assert.deepEqual(server.asked, []);
  await clock.pass(10);
  assert.deepEqual(server.asked, [{ room: "r-1", text: "half", reply_to: "m-1" }]);
  assert.ok(!drafts.isDirty("r-1"));
  drafts.set("r-1", { text: "" });
  await clock.pass(0);
  await settled();
  assert.deepEqual(server.asked[1], { room: "r-1", text: "", reply_to: undefined });
  assert.deepEqual(drafts.rooms(), []);
});

test("an edit stays on its device", async () => {
  const { drafts, clock, server, sync } = device();
  await sync.online(true);
  drafts.set("r-1", { text: "", edit });
  await clock.pass(5_000);
  assert.deepEqual(server.asked, []);
});

test("the last writing of this device counts more than what the server tells", async () => {
  const { drafts, clock, server, sync } = device();
  drafts.set("r-1", { text: "offline" });
  server.items = [{ room: "r-1", text: "older", at: "at-0" }];
  await clock.pass(5_000);
  await sync.online(true);
  await clock.pass(0);
  await settled();
  assert.equal(drafts.get("r-1").text, "offline");
  assert.equal(server.asked[0]?.text, "offline");
});

test("drafts of other devices come, change and go", async () => {
  const { drafts, server, sync } = device();
  server.items = [{ room: "r-1", text: "from my phone", reply_to: "m-9", at: "at-1" }];
  await sync.online(true);
  assert.deepEqual(drafts.get("r-1"), { text: "from my phone", reply: { id: "m-9" } });
  sync.told({ room: "r-1", text: "from my phone, longer", at: "at-2" });
  assert.deepEqual(drafts.get("r-1"), { text: "from my phone, longer" });
  sync.told({ room: "r-1", thread: "m-3", text: "in a thread", at: "at-3" });
  assert.equal(drafts.get("r-1").text, "from my phone, longer");
  sync.told({ room: "r-1", text: "", at: "at-4" });
  assert.deepEqual(drafts.rooms(), []);
});

test("a draft that was sent on another device meanwhile is gone here too", async () => {
  const { drafts, clock, server, sync } = device();
  await sync.online(true);
  drafts.set("r-1", { text: "sent elsewhere" });
  await clock.pass(2_000);
  assert.equal(server.asked.length, 1);
  await sync.online(false);
  await sync.online(true);
  assert.deepEqual(drafts.rooms(), []);
});

test("a draft that the server refuses stays on this device", async () => {
  const { drafts, clock, server, sync } = device();
  await sync.online(true);
  server.refusal = new RequestError("invalid", "You have too many drafts.");
  drafts.set("r-1", { text: "one more" });
  await clock.pass(2_000);
  assert.ok(!drafts.isDirty("r-1"));
  await sync.online(true);
  assert.equal(drafts.get("r-1").text, "one more");
});

test("a draft that was emptied while it was being sent is removed again", async () => {
  const { drafts, clock, server, sync } = device();
  await sync.online(true);
  drafts.set("r-1", { text: "quick" });
  const passing = clock.pass(1_500);
  drafts.set("r-1", { text: "quick" });
  await passing;
  drafts.set("r-1", { text: "quick, sent" });
  sync.flush();
  const sending = clock.pass(0);
  drafts.set("r-1", { text: "" });
  await sending;
  await clock.pass(2_000);
  assert.equal(server.asked.at(-1)?.text, "");
  assert.deepEqual(drafts.rooms(), []);
});
