/**
 * Shows who is typing, in a line of fixed height so that nothing moves.
 */
import { typed } from "../../core/ui/dom.js";
import { firstName } from "../../core/ui/format.js";

const NAMED = 3;

export class TypingView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {string[]} names */
  set(names) {
    this.root.replaceChildren(...words(names));
  }
}

/** "Ben and Cleo are typing…": each name in its own direction. @param {string[]} names */
function words(names) {
  if (!names.length) return [];
  if (names.length > NAMED) return ["Several people are typing…"];
  const parts = names.flatMap((name, at) => [between(at, names.length), bdi(name)]);
  return [...parts, names.length === 1 ? " is typing…" : " are typing…"];
}

/** @param {number} at @param {number} count */
function between(at, count) {
  if (at === 0) return "";
  return at === count - 1 ? " and " : ", ";
}

/** @param {string} name */
function bdi(name) {
  return typed("bdi", firstName(name));
}
