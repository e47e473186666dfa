/**
 * Keeps the reader's place in the scrolled conversation: at the bottom it stays at the bottom; further
 * up, arriving messages never move what is being read.
 */

const NEAR_PX = 40;

export class ScrollPosition {
  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} list Its children, top to bottom, are what is read.
   * @param {() => void} onMove After every scroll, once per frame.
   */
  constructor(scroller, list, onMove) {
    this.scroller = scroller;
    this.list = list;
    this.isAtBottom = true;
    let isWaiting = false;
    scroller.addEventListener("scroll", () => {
      this.isAtBottom = this.#fromBottom() < NEAR_PX;
      if (isWaiting) return;
      isWaiting = true;
      requestAnimationFrame(() => {
        isWaiting = false;
        onMove();
      });
    });
    // The composer grows, the phone's keyboard opens, a code block wraps: the bottom stays the bottom.
    const sizes = new ResizeObserver(() => this.isAtBottom && this.toBottom());
    sizes.observe(scroller);
    sizes.observe(list);
  }

  /** Changes the list and leaves what is read where it was. @param {() => void} change */
  keep(change) {
    const anchor = this.isAtBottom ? null : this.#firstVisible();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    change();
    if (this.isAtBottom) this.toBottom();
    else if (anchor?.isConnected)
      this.scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  toBottom() {
    this.isAtBottom = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** @param {Element} element @param {"start" | "center"} [block] */
  toElement(element, block = "start") {
    const box = element.getBoundingClientRect();
    const view = this.scroller.getBoundingClientRect();
    const room = block === "center" ? Math.max((view.height - box.height) / 2, 0) : 72;
    this.scroller.scrollTop += box.top - view.top - room;
    this.isAtBottom = this.#fromBottom() < NEAR_PX;
  }

  /** The number of children that end above the lower edge of the view. */
  countSeen() {
    const edge = this.scroller.getBoundingClientRect().bottom + 1;
    return this.#countWhere((box) => box.bottom <= edge);
  }

  #fromBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** The first message in view. Skips day lines, which move when older messages are loaded. */
  #firstVisible() {
    const edge = this.scroller.getBoundingClientRect().top;
    let seen = this.list.children[this.#countWhere((box) => box.bottom <= edge)] ?? null;
    while (seen && !seen.matches("article")) seen = seen.nextElementSibling;
    return seen;
  }

  /**
   * Children stand in order, so the ones that are above a line are found by halving.
   * @param {(box: DOMRect) => boolean} isAbove
   */
  #countWhere(isAbove) {
    let low = 0;
    let high = this.list.children.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const child = this.list.children[middle];
      if (child && isAbove(child.getBoundingClientRect())) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
