/** The contents of a long page: marks the part that is being read. */

const MARK = "aria-current";

/** @param {HTMLElement} contents its links lead to the parts of the page */
export function followParts(contents) {
  const links = [...contents.querySelectorAll("a")];
  const parts = links.map(({ hash }) => document.getElementById(hash.slice(1)));
  const mark = (/** @type {number} */ current) => {
    for (const [index, link] of links.entries())
      if (index !== current) link.removeAttribute(MARK);
      else if (!link.hasAttribute(MARK)) {
        link.setAttribute(MARK, "true");
        bringIntoView(link);
      }
  };
  const look = () => mark(currentPart(parts.map((part) => part?.getBoundingClientRect().top ?? 0)));
  addEventListener("scroll", look, { passive: true });
  addEventListener("resize", look);
  addEventListener("hashchange", look);
  look();
}

/**
 * The part that is being read: the last one that begins in the upper part of the window; at the end of the
 * page the last of all, which may never come so high.
 * @param {number[]} tops in pixels from the top of the window, in order
 * @param {{ height: number, isAtEnd: boolean }} [page]
 */
export function currentPart(tops, page = thisPage()) {
  if (page.isAtEnd) return tops.length - 1;
  const begun = tops.filter((top) => top < page.height / 3).length;
  return Math.max(0, begun - 1);
}

function thisPage() {
  const { scrollHeight } = document.documentElement;
  return { height: innerHeight, isAtEnd: scrollY > 0 && scrollY + innerHeight >= scrollHeight - 2 };
}

/** In a row that scrolls, without moving the page. @param {HTMLElement} link */
function bringIntoView(link) {
  const row = link.closest("ul");
  if (row) row.scrollLeft = link.offsetLeft - (row.clientWidth - link.offsetWidth) / 2;
}
