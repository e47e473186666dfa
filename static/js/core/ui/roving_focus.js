/**
 * One tab stop for a list: arrow keys, Home and End move within it.
 * The rooms, the people, the switcher and the messages use it.
 */

/**
 * The next place for a key, or null where the key means nothing here. No DOM.
 * @param {string} key
 * @param {number} index Where the focus is, -1 for nowhere.
 * @param {number} length
 * @returns {number | null}
 */
export function nextIndex(key, index, length) {
  if (length === 0) return null;
  if (key === "ArrowDown") return Math.min(index + 1, length - 1);
  if (key === "ArrowUp") return Math.max(index - 1, 0);
  if (key === "Home") return 0;
  if (key === "End") return length - 1;
  return null;
}

/** Keeps exactly one of the elements that match `selector` in the tab order. */
export class RovingFocus {
  /**
   * @param {HTMLElement} root
   * @param {string} selector
   */
  constructor(root, selector) {
    this.root = root;
    /** The part of it that is shown. */
    this.within = root;
    this.selector = selector;
    root.addEventListener("keydown", (event) => this.#press(event));
    root.addEventListener("focusin", (event) => this.#hold(event));
  }

  /** @returns {HTMLElement[]} */
  get stops() {
    return [...this.within.querySelectorAll(this.selector)].filter(isElement);
  }

  /** Call after the list changed: keeps a focused stop, or else selects `preferred` or the first. @param {Element | null} [preferred] */
  settle(preferred = null) {
    const stops = this.stops;
    const held = stops.find((stop) => stop === document.activeElement);
    const stop = held ?? stops.find((each) => each === preferred) ?? stops[0];
    for (const each of stops) {
      const index = each === stop ? 0 : -1;
      if (each.tabIndex !== index) each.tabIndex = index;
    }
  }

  /** @param {KeyboardEvent} event */
  #press(event) {
    if (event.altKey || event.ctrlKey || event.metaKey) return;
    if (!(event.target instanceof HTMLElement) || !event.target.matches(this.selector)) return;
    const stops = this.stops;
    const next = nextIndex(event.key, stops.indexOf(event.target), stops.length);
    if (next === null) return;
    event.preventDefault();
    stops[next]?.focus();
  }

  /** @param {FocusEvent} event */
  #hold(event) {
    const target = event.target;
    if (!(target instanceof HTMLElement) || !target.matches(this.selector)) return;
    for (const each of this.stops) each.tabIndex = each === target ? 0 : -1;
  }
}

/** @param {Element} element @returns {element is HTMLElement} */
function isElement(element) {
  return element instanceof HTMLElement;
}
