import assert from "node:assert/strict";
import { test } from "node:test";
import { qrPath } from "../../../static/js/chat/people/qr_drawing.js";

test("each run of dark modules is one rectangle", () => {
  assert.equal(qrPath(["0110", "1001"]), "M1 0h2v1h-2zM0 1h1v1h-1zM3 1h1v1h-1z");
  assert.equal(qrPath([]), "");
});
