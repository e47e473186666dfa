import assert from "node:assert/strict";
import { test } from "node:test";
import { currentPart } from "../../../static/js/accounts/contents.js";

const page = { height: 900, isAtEnd: false };

test("the part that is read is the last one that begins in the upper third", () => {
  assert.equal(currentPart([200, 700, 1200], page), 0);
  assert.equal(currentPart([-300, 250, 700], page), 1);
  assert.equal(currentPart([-900, -400, -20], page), 2);
});

test("before the first part it is the first, and at the end of the page the last", () => {
  assert.equal(currentPart([400, 800, 1200], page), 0);
  assert.equal(currentPart([-900, -100, 600], { ...page, isAtEnd: true }), 2);
});
