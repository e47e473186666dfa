import assert from "node:assert/strict";
import { test } from "node:test";
import { isComposing, isPasted, isTyped } from "../../../../static/js/core/ui/keys.js";

/** @param {string} key @param {Partial<KeyboardEvent> & { third?: boolean }} [how] */
function press(key, { third = false, ...how } = {}) {
  return {
    key,
    keyCode: 0,
    isComposing: false,
    altKey: false,
    ctrlKey: false,
    metaKey: false,
    getModifierState: (/** @type {string} */ name) => third && name === "AltGraph",
    ...how,
  };
}

test("a key belongs to the input method until the composition is over, in Safari's order too", () => {
  assert.ok(isComposing(press("Enter", { isComposing: true })));
  assert.ok(isComposing(press("Enter", { keyCode: 229 })));
  assert.ok(!isComposing(press("Enter", { keyCode: 13 })));
});

test("characters are typed, and shortcuts are not", () => {
  for (const key of ["a", "É", "7", " ", "山", "👍", "Dead"]) assert.ok(isTyped(press(key), false));
  for (const key of ["Enter", "Escape", "ArrowUp", "F5", "Tab", "Backspace"])
    assert.ok(!isTyped(press(key), false), key);
  assert.ok(!isTyped(press("k", { ctrlKey: true }), false));
  assert.ok(!isTyped(press("k", { metaKey: true }), true));
});

test("the third level of a keyboard types: AltGr, and Option on a Mac", () => {
  assert.ok(isTyped(press("@", { ctrlKey: true, altKey: true, third: true }), false));
  assert.ok(isTyped(press("@", { altKey: true }), true));
  assert.ok(!isTyped(press("f", { altKey: true }), false));
});

test("the clipboard is inserted by Ctrl+V, on a Mac by Cmd+V", () => {
  assert.ok(isPasted(press("v", { ctrlKey: true }), false));
  assert.ok(isPasted(press("v", { metaKey: true }), true));
  assert.ok(!isPasted(press("v", { metaKey: true }), false));
  assert.ok(!isPasted(press("v"), false));
});
