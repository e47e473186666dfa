/** Options of a select: rewritten only when they change, keeping the choice. */
import { el } from "../core/ui/dom.js";

/** @param {HTMLSelectElement} select @param {[string, string][]} options value and label */
export function setOptions(select, options) {
  const text = JSON.stringify(options);
  if (select.dataset.options === text) return;
  select.dataset.options = text;
  const { value } = select;
  select.replaceChildren(...options.map(([each, label]) => el("option", { value: each }, label)));
  if (options.some(([each]) => each === value)) select.value = value;
}

/** @param {ParentNode} root @param {string} name @returns {HTMLSelectElement} */
export function selectOf(root, name) {
  const found = root.querySelector(`select[data-${name}]`);
  if (!(found instanceof HTMLSelectElement))
    throw new Error(`The template has no select[data-${name}].`);
  return found;
}
