/**
 * Who is typing, in a line of its own height so that nothing moves.
 */
import { firstName, namesInLine } from "./format.js";

export class TypingView {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.root = root;
  }

  /** @param {string[]} names */
  set(names) {
    const first = names.map(firstName);
    if (!first.length) this.root.textContent = "";
    else if (first.length > 3) this.root.textContent = "Several people are typing…";
    else
      this.root.textContent = `${namesInLine(first)} ${first.length === 1 ? "is" : "are"} typing…`;
  }
}
