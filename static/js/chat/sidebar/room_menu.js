/** The menu of a room in the sidebar: by right click, a long press, or the menu key. */

/** @typedef {{ x: number, y: number }} Point */

const LINK = ".room-link";
const LONG_PRESS_MS = 500;
/** A finger that moves further scrolls. */
const STILL_PX = 10;

/**
 * @param {HTMLElement} lists
 * @param {(room: string, link: HTMLElement, at: Point | null) => void} onMenu `at` is null by keyboard
 */
export function listenForRoomMenu(lists, onMenu) {
  lists.addEventListener("contextmenu", (event) => {
    const link = linkAt(event.target);
    if (!link) return;
    event.preventDefault();
    stop();
    // The menu key tells of no place, or of the link's own.
    const isByKey = event.button !== 2 && !(/** @type {PointerEvent} */ (event).pointerType);
    open(link, isByKey ? null : { x: event.clientX, y: event.clientY });
  });

  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {Point | null} */
  let from = null;
  /** The press opened a menu: the click that ends it opens no room. */
  let wasLong = false;

  function stop() {
    clearTimeout(timer);
    from = null;
  }

  /** @param {HTMLElement} link @param {Point | null} at */
  function open(link, at) {
    onMenu(link.dataset.room ?? "", link, at);
  }

  // Safari on a phone sends no contextmenu.
  lists.addEventListener("pointerdown", (event) => {
    wasLong = false;
    const link = linkAt(event.target);
    if (!link || event.pointerType !== "touch") return;
    from = { x: event.clientX, y: event.clientY };
    timer = setTimeout(() => {
      wasLong = true;
      const at = from;
      stop();
      open(link, at);
    }, LONG_PRESS_MS);
  });
  lists.addEventListener("pointermove", (event) => {
    if (from && Math.hypot(event.clientX - from.x, event.clientY - from.y) > STILL_PX) stop();
  });
  for (const sign of ["pointerup", "pointercancel", "scroll"])
    lists.addEventListener(sign, stop, { passive: true });
  lists.addEventListener(
    "click",
    (event) => {
      if (!wasLong) return;
      wasLong = false;
      event.preventDefault();
      event.stopPropagation();
    },
    { capture: true },
  );
}

/** @param {EventTarget | null} target @returns {HTMLElement | null} */
function linkAt(target) {
  const link = target instanceof Element ? target.closest(LINK) : null;
  return link instanceof HTMLElement ? link : null;
}
