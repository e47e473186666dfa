/** The links to the pages, which are one line that scrolls where the window is narrow. */

/** Have the link of the present page in view. */
export function showCurrentLink() {
  const link = document.querySelector(".page-nav [aria-current]");
  const nav = link?.closest(".page-nav");
  if (!(link instanceof HTMLElement) || !nav) return;
  const { left, width } = link.getBoundingClientRect();
  const middle = left + width / 2 - nav.getBoundingClientRect().left - nav.clientWidth / 2;
  nav.scrollLeft += middle;
}
