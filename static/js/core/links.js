/** Links in what people wrote: they open beside the page, which stays as it is. */

/** The names of `rel` without which the other page could reach this one. */
const APART = ["noopener", "noreferrer"];

/**
 * Have the links within `element` open in a tab of their own; what the server said of them is kept.
 * @param {Element} element
 */
export function openLinksBeside(element) {
  for (const link of element.querySelectorAll("a[href]")) {
    link.setAttribute("target", "_blank");
    if (link instanceof HTMLAnchorElement) link.relList.add(...APART);
  }
}

/**
 * Follow links to this server within the page, where `go` can.
 * @param {HTMLElement} root
 * @param {string} links a selector of the links that are meant
 * @param {(path: string) => boolean} go takes path and fragment; false leaves the link to the browser
 */
export function followInPlace(root, links, go) {
  root.addEventListener("click", (event) => {
    const link = event.target instanceof Element ? event.target.closest(links) : null;
    if (!(link instanceof HTMLAnchorElement) || event.defaultPrevented) return;
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey || event.button) return;
    const { origin, pathname, hash } = link;
    if (origin === location.origin && go(pathname + hash)) event.preventDefault();
  });
}
