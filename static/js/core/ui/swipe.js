/** A finger that draws something along one axis: a drawer from the side, a sheet down. */

/** @typedef {{ x: number, y: number, time: number }} Point in CSS pixels and ms */

/**
 * @typedef {object} Draw What a swipe draws.
 * @property {"x" | "y"} axis
 * @property {1 | -1} direction of the way that it goes
 * @property {number} length of that way in px
 * @property {(by: number) => void} moved by so many px of the way, 0 to `length`
 * @property {(isDone: boolean) => void} ended `isDone`: far or fast enough to go all the way
 */

/** A finger is never quite still. */
const DECIDED_PX = 10;
const FAR = 0.4;
const FAST_PX_MS = 0.4;
/** Less is a jerk, however fast. */
const SHORTEST_PX = 32;

/** One finger on its way, without a page. */
export class Swipe {
  /** Whether it goes along the axis, in the direction; null: it has not moved enough to tell. @type {boolean | null} */
  isAlong = null;
  #speed = 0;

  /** @param {{ axis: "x" | "y", direction: 1 | -1, length: number }} draw @param {Point} start */
  constructor({ axis, direction, length }, start) {
    this.#axis = axis;
    this.#direction = direction;
    this.#length = length;
    this.#start = this.#last = start;
  }

  #axis;
  #direction;
  #length;
  #start;
  #last;

  /** @param {Point} point */
  moves(point) {
    const step = this.#along(point) - this.#along(this.#last);
    this.#speed = step / Math.max(1, point.time - this.#last.time);
    this.#last = point;
    if (this.isAlong !== null) return;
    const along = this.#along(point);
    const across = Math.abs(this.#axis === "x" ? point.y - this.#start.y : point.x - this.#start.x);
    if (Math.max(Math.abs(along), across) >= DECIDED_PX) this.isAlong = along > across;
  }

  /** How much of the way is done, in px. */
  get done() {
    return Math.min(this.#length, Math.max(0, this.#along(this.#last)));
  }

  /** Whether it is to go all the way once the finger leaves, at this time. @param {number} time */
  isDone(time) {
    if (!this.isAlong || this.done < SHORTEST_PX) return false;
    const speed = time - this.#last.time > 100 ? 0 : this.#speed;
    if (Math.abs(speed) >= FAST_PX_MS) return speed > 0;
    return this.done >= this.#length * FAR;
  }

  /** @param {Point} point */
  #along({ x, y }) {
    const by = this.#axis === "x" ? x - this.#start.x : y - this.#start.y;
    return by * this.#direction;
  }
}

/**
 * Follow the fingers that begin on `surface`. Its `touch-action` has to leave the axis to the page.
 * @param {HTMLElement} surface
 * @param {(event: PointerEvent) => Draw | null} begins what is drawn by a finger that begins here
 */
export function onSwipe(surface, begins) {
  /** @type {Swipe | null} */
  let swipe = null;
  // Else Chromium takes a fast finger for a fling, and the next tap for one that stops it.
  const keep = (/** @type {TouchEvent} */ event) => {
    if (swipe?.isAlong && event.cancelable) event.preventDefault();
  };
  surface.addEventListener("touchmove", keep, { passive: false });
  surface.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "touch" || !event.isPrimary || scrollsSideways(event.target, surface))
      return;
    const draw = begins(event);
    swipe = draw ? new Swipe(draw, pointOf(event)) : null;
    if (draw && swipe) follow(draw, swipe);
  });
}

/** @param {Draw} draw @param {Swipe} swipe */
function follow(draw, swipe) {
  const listening = new AbortController();
  const on = (/** @type {string} */ type, /** @type {(event: PointerEvent) => void} */ run) =>
    addEventListener(type, /** @type {EventListener} */ (run), { signal: listening.signal });
  const end = (/** @type {boolean} */ isDone) => {
    listening.abort();
    if (swipe.isAlong) draw.ended(isDone);
  };
  on("pointermove", (event) => {
    if (!event.isPrimary) return;
    swipe.moves(pointOf(event));
    if (swipe.isAlong) draw.moved(swipe.done);
    else if (swipe.isAlong === false) end(false);
  });
  on("pointerup", (event) => event.isPrimary && end(swipe.isDone(event.timeStamp)));
  on("pointercancel", (event) => event.isPrimary && end(false));
}

/** @param {PointerEvent} event @returns {Point} */
function pointOf({ clientX: x, clientY: y, timeStamp: time }) {
  return { x, y, time };
}

/** Whether a finger there moves something else: code or a table that scrolls sideways, the caret of a field. @param {EventTarget | null} target @param {HTMLElement} surface */
function scrollsSideways(target, surface) {
  let each = target instanceof Element ? target : null;
  for (; each && each !== surface; each = each.parentElement) {
    if (each.matches("input, textarea, select")) return true;
    if (each.scrollWidth <= each.clientWidth + 1) continue;
    if (/auto|scroll/u.test(getComputedStyle(each).overflowX)) return true;
  }
  return false;
}
