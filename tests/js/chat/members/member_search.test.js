/** Finding people of a room of which only some are held. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { MemberSearch } from "../../../../static/js/chat/members/member_search.js";
import { FakeClock } from "../../fakes.js";

/** @import { Member } from "../../../../static/js/chat/types.d.ts" */

/** @param {string} username @returns {Member} */
const member = (username) => ({
  id: username,
  username,
  name: username,
  role: "member",
  state: "offline",
});

/** Answers when it is told to. */
function asked() {
  /** @type {{ asked: object, answer: (items: string[], more: boolean) => void }[]} */
  const questions = [];
  const ask = (/** @type {object} */ about) =>
    new Promise((resolve) => {
      const answer = (/** @type {string[]} */ names, /** @type {boolean} */ more) =>
        resolve({ items: names.map(member), more });
      questions.push({ asked: about, answer });
    });
  const clock = new FakeClock();
  const search = new MemberSearch(/** @type {any} */ (ask), clock);
  return { questions, clock, search };
}

test("pages continue behind the last one", async () => {
  const { questions, search } = asked();
  const first = search.all();
  questions[0]?.answer(["ana", "ben"], true);
  await first;
  const second = search.next();
  assert.deepEqual(questions[1]?.asked, { limit: 50, after: "ben" });
  questions[1]?.answer(["cleo"], false);
  await second;
  assert.deepEqual([search.found?.length, search.more], [3, false]);
});

test("a late answer to earlier letters says nothing", async () => {
  const { questions, clock, search } = asked();
  search.look("a");
  await clock.pass(200);
  search.look("an");
  await clock.pass(200);
  questions[1]?.answer(["ana"], false);
  questions[0]?.answer(["adam"], false);
  await new Promise(setImmediate);
  assert.deepEqual(
    search.found?.map(({ id }) => id),
    ["ana"],
  );
  search.look("");
  assert.equal(search.found, null);
});
