import assert from "node:assert/strict";
import { test } from "node:test";
import { SavedIds } from "../../../../static/js/chat/messages/saved_ids.js";
import { settled } from "../../fakes.js";

/** A server whose answers come when told. */
function server() {
  /** @type {((ids: string[] | null) => void)[]} */
  const answers = [];
  const request = () =>
    new Promise((resolve, reject) =>
      answers.push((ids) => (ids ? resolve({ ok: true, ids }) : reject(new Error("away")))),
    );
  return { answers, request: /** @type {any} */ (request) };
}

test("the list is asked for once a connection", async () => {
  const { answers, request } = server();
  const saved = new SavedIds(request);
  saved.prepare();
  saved.prepare();
  assert.equal(answers.length, 1);
  assert.equal(saved.has("a"), false);
  answers[0]?.(["a"]);
  await settled();
  assert.equal(saved.has("a"), true);
  saved.prepare();
  assert.equal(answers.length, 1);
  saved.lost();
  saved.prepare();
  assert.equal(answers.length, 2);
});

test("what is changed while the answer is on its way counts", async () => {
  const { answers, request } = server();
  const saved = new SavedIds(request);
  saved.prepare();
  saved.changed({ id: "a", on: false });
  saved.changed({ id: "b", on: true });
  answers[0]?.(["a"]);
  await settled();
  assert.deepEqual([saved.has("a"), saved.has("b")], [false, true]);
});

test("a question that failed is asked again", async () => {
  const { answers, request } = server();
  const saved = new SavedIds(request);
  saved.prepare();
  answers[0]?.(null);
  await settled();
  saved.prepare();
  assert.equal(answers.length, 2);
});
