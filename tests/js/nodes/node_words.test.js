import assert from "node:assert/strict";
import { test } from "node:test";
import { connectionCount, nodeWords } from "../../../static/js/nodes/node_words.js";

const NODE = {
  id: "n1",
  state: "up",
  connections: { websocket: 1_200, polling: 3, sse: 0 },
  people_online: 1_000,
  bus: { lag_ms: 1.234 },
};

test("the figures of a node are words for its row", () => {
  assert.equal(connectionCount(NODE), 1_203);
  assert.deepEqual(nodeWords(NODE), {
    state: "in service",
    connections: "1,203",
    transports: "websocket\u00a01,200, polling\u00a03",
    people: "1,000",
    lag: "1 ms late",
  });
});

test("a node without a bus says nothing of it, and a newer state stands as it is", () => {
  const { lag, state } = nodeWords({ ...NODE, state: "resting", bus: { lag_ms: null } });
  assert.deepEqual([lag, state], ["", "resting"]);
});
