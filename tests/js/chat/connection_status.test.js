import assert from "node:assert/strict";
import { test } from "node:test";
import { statusWords } from "../../../static/js/chat/connection_status.js";

test("the banner speaks only while something is wrong", () => {
  const status = { retry_in_s: null, sending: 0 };
  assert.equal(statusWords({ ...status, phase: "connected" }).banner, "");
  assert.equal(statusWords({ ...status, phase: "connected", sending: 2 }).line, "Sending 2…");
  assert.equal(
    statusWords({ ...status, phase: "offline", sending: 3 }).banner,
    "Offline. 3 messages are kept and go out when you are back.",
  );
  assert.equal(
    statusWords({ ...status, phase: "offline", sending: 1 }).banner,
    "Offline. 1 message is kept and goes out when you are back.",
  );
  assert.match(statusWords({ ...status, phase: "reconnecting", retry_in_s: 3 }).banner, /in 3 s/);
});
