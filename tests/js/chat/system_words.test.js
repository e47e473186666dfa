import assert from "node:assert/strict";
import { test } from "node:test";
import { systemWords } from "../../../static/js/chat/messages/system_words.js";

test("a system message has its names in their places", () => {
  assert.deepEqual(systemWords({ kind: "invited" }, [1, 2]), [1, " added ", 2]);
  assert.deepEqual(systemWords({ kind: "joined" }, ["Ana"]), ["Ana", " joined"]);
});

test("a conversation that began and a topic that was removed are told by what is missing", () => {
  assert.deepEqual(systemWords({ kind: "created" }, []), ["Conversation started"]);
  assert.deepEqual(systemWords({ kind: "topic" }, ["Ana"]), ["Ana", " removed the topic"]);
  assert.deepEqual(systemWords({ kind: "topic" }, [1, 2]), [1, " set the topic: ", 2]);
});

test("the server's words stay where the kind or its values are unknown", () => {
  assert.equal(systemWords({ kind: "painted" }, [1]), null);
  assert.equal(systemWords({ kind: "joined" }, [1, 2]), null);
});
