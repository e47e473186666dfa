/**
 * Keeps the reader's place in the scrolled conversation: at the bottom it stays at the bottom; further
 * up, arriving messages never move what is being read.
 */

const NEAR_PX = 40;

/** @typedef {{ id: string, seq: number, top: number }} Anchor The first visible message, and how far below the upper edge it begins. */

export class ScrollPosition {
  /** Whether the list ends with the newest message: only there the place follows what arrives. */
  holdsEnd = true;
  #isNear = true;

  /**
   * @param {HTMLElement} scroller
   * @param {HTMLElement} rows Its children, top to bottom, are what is read.
   * @param {() => void} onMove After every scroll, once per frame.
   */
  constructor(scroller, rows, onMove) {
    this.scroller = scroller;
    this.rows = rows;
    let isWaiting = false;
    scroller.addEventListener("scroll", () => {
      this.#look();
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
    sizes.observe(/** @type {HTMLElement} */ (rows.parentElement));
  }

  get isAtBottom() {
    return this.#isNear && this.holdsEnd;
  }

  #look() {
    this.#isNear = this.fromBottom < NEAR_PX;
  }

  /**
   * Changes the list and leaves what is read where it was.
   * @param {() => void | boolean} change returns false where it changed nothing
   */
  keep(change) {
    const anchor = this.isAtBottom ? null : this.#firstVisible();
    const before = anchor?.getBoundingClientRect().top ?? 0;
    if (change() === false) return;
    if (this.isAtBottom) this.toBottom();
    else if (anchor?.isConnected)
      this.scroller.scrollTop += anchor.getBoundingClientRect().top - before;
  }

  toBottom() {
    this.#isNear = true;
    this.scroller.scrollTop = this.scroller.scrollHeight;
  }

  /** @param {Element} element @param {"start" | "center"} [block] */
  toElement(element, block = "start") {
    const box = element.getBoundingClientRect();
    const view = this.scroller.getBoundingClientRect();
    const room = block === "center" ? Math.max((view.height - box.height) / 2, 0) : 72;
    this.scroller.scrollTop += box.top - view.top - room;
    this.#look();
  }

  /** The place to come back to; null at the bottom. @returns {Anchor | null} */
  anchor() {
    const first = this.isAtBottom ? null : this.#firstVisible();
    if (!(first instanceof HTMLElement) || !first.dataset.id) return null;
    const top = first.getBoundingClientRect().top - this.scroller.getBoundingClientRect().top;
    return { id: first.dataset.id, seq: Number(first.dataset.seq), top };
  }

  /** @param {Element} element @param {number} top where it was in `anchor` */
  toAnchor(element, top) {
    const view = this.scroller.getBoundingClientRect();
    this.scroller.scrollTop += element.getBoundingClientRect().top - view.top - top;
    this.#look();
  }

  /** @param {Element} element @returns {"above" | "within" | "below"} where it stands to the view */
  where(element) {
    const { top, bottom } = element.getBoundingClientRect();
    const view = this.scroller.getBoundingClientRect();
    if (top < view.top) return "above";
    return bottom > view.bottom ? "below" : "within";
  }

  /** The highest `data-seq` of the children that end above the lower edge of the view; 0 for none. */
  lastSeen() {
    const edge = this.scroller.getBoundingClientRect().bottom + 1;
    for (let at = this.#countWhere((box) => box.bottom <= edge) - 1; at >= 0; at -= 1) {
      const child = this.rows.children[at];
      if (child instanceof HTMLElement && child.dataset.seq) return Number(child.dataset.seq);
    }
    return 0;
  }

  /** How many pixels are below the view. */
  get fromBottom() {
    const { scrollHeight, scrollTop, clientHeight } = this.scroller;
    return scrollHeight - scrollTop - clientHeight;
  }

  /** The first message in view. Skips day lines, which move when older messages are loaded. */
  #firstVisible() {
    const edge = this.scroller.getBoundingClientRect().top;
    let seen = this.rows.children[this.#countWhere((box) => box.bottom <= edge)] ?? null;
    while (seen && !seen.matches("article")) seen = seen.nextElementSibling;
    return seen;
  }

  /**
   * Children stand in order, so the ones that are above a line are found by halving.
   * @param {(box: DOMRect) => boolean} isAbove
   */
  #countWhere(isAbove) {
    let low = 0;
    let high = this.rows.children.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const child = this.rows.children[middle];
      if (child && isAbove(child.getBoundingClientRect())) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
