/**
 * Building elements without markup strings: every text goes in as text.
 * All views use this; none of them touches innerHTML.
 */

/** @typedef {string | number | boolean | null | undefined | ((event: any) => void)} Attribute */
/** @typedef {Record<string, Attribute>} Attributes */
/** @typedef {Node | string | null | undefined | false} Child */

/**
 * One element: `el("p.muted", "text")`, `el("button.button.quiet", { type: "button" }, "Cancel")`.
 * Functions under `on…` become listeners; true, false and null set or leave out the attribute.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K | `${K}.${string}`} tag with its classes
 * @param {[(Attributes | Child)?, ...Child[]]} rest attributes, if any, then children
 * @returns {HTMLElementTagNameMap[K]}
 */
export function el(tag, ...rest) {
  const [name = "", ...classes] = tag.split(".");
  const element = document.createElement(/** @type {K} */ (name));
  element.classList.add(...classes);
  for (const part of rest) {
    if (!part) continue;
    if (typeof part === "string" || part instanceof Node) element.append(part);
    else for (const [key, value] of Object.entries(part)) setAttribute(element, key, value);
  }
  return element;
}

/**
 * An element for words that a person typed, such as a name: they run in their own direction.
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K | `${K}.${string}`} tag with its classes
 * @param {string} words
 * @returns {HTMLElementTagNameMap[K]}
 */
export function typed(tag, words) {
  return el(tag, { dir: "auto" }, words);
}

/** @param {Element} element @param {string} name @param {Attribute} value */
function setAttribute(element, name, value) {
  if (typeof value === "function") element.addEventListener(name.slice(2), value);
  else if (value === true) element.setAttribute(name, "");
  else if (value !== false && value !== null && value !== undefined)
    element.setAttribute(name, String(value));
}

const SVG = "http://www.w3.org/2000/svg";

/**
 * A line icon out of the page's sprite (templates/macros/icons.html).
 * @param {string} name
 * @param {string} [size] "small" for 16 px.
 */
export function icon(name, size = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${size}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#icon-${name}`);
  svg.append(use);
  return svg;
}

/**
 * A button that is only an icon, with its name for screen readers and as tooltip.
 * @param {string} name
 * @param {string} label
 * @param {(event: MouseEvent) => void} onclick
 */
export function iconButton(name, label, onclick) {
  return el(
    "button",
    { type: "button", class: "icon-button", "aria-label": label, title: label, onclick },
    icon(name),
  );
}

/**
 * The element that the template marks with `data-<name>`.
 * @param {ParentNode} root
 * @param {string} name
 * @returns {HTMLElement}
 * @throws {Error} where the template has none: template and view belong together.
 */
export function part(root, name) {
  const found = root.querySelector(`[data-${name}]`);
  if (!(found instanceof HTMLElement)) throw new Error(`The template has no [data-${name}].`);
  return found;
}

/**
 * Puts children in this order with the fewest moves, so that focus and scroll survive.
 * @param {Element} parent
 * @param {Element[]} wanted
 */
export function arrange(parent, wanted) {
  let next = parent.firstElementChild;
  for (const child of wanted) {
    if (child === next) next = next.nextElementSibling;
    else parent.insertBefore(child, next);
  }
  while (next) {
    const gone = next;
    next = next.nextElementSibling;
    gone.remove();
  }
}

/** @param {string} id @returns {HTMLElement} the element of the page; throws where there is none */
export function byId(id) {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no element "${id}".`);
  return found;
}
