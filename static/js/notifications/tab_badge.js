/**
 * Shows the number of unread notifications in the tab's title and on its icon.
 */

const MOST = 9;
const RED = "#b3261e";

/** @param {string} title @param {number} count */
function titled(title, count) {
  return count > 0 ? `(${count > 99 ? "99+" : count}) ${title}` : title;
}

/**
 * The icon with a count in its corner, as an address.
 * @param {string} svg @param {number} count
 */
function markedIcon(svg, count) {
  const text = count > MOST ? `${MOST}+` : String(count);
  const mark =
    `<circle cx="16.5" cy="7.5" r="7.5" fill="${RED}"/>` +
    `<text x="16.5" y="11.2" font-family="sans-serif" font-size="${text.length > 1 ? 8.5 : 10.5}" ` +
    `font-weight="700" text-anchor="middle" fill="#fff">${text}</text>`;
  return `data:image/svg+xml,${encodeURIComponent(svg.replace("</svg>", `${mark}</svg>`))}`;
}

export class TabBadge {
  #title = document.title;
  #count = 0;
  #icon = /** @type {HTMLLinkElement | null} */ (document.querySelector("link[rel=icon]"));
  #plain = this.#icon?.href ?? "";
  /** @type {Promise<string> | null} */
  #svg = null;

  /** @param {string} title */
  setTitle(title) {
    this.#title = title;
    this.#show();
  }

  /** @param {number} count */
  setCount(count) {
    if (count === this.#count) return;
    this.#count = count;
    this.#show();
    this.#mark();
  }

  #show() {
    const title = titled(this.#title, this.#count);
    if (document.title !== title) document.title = title;
  }

  async #mark() {
    if (!this.#icon) return;
    const svg = this.#count > 0 ? await this.#load() : "";
    this.#icon.href = svg && this.#count > 0 ? markedIcon(svg, this.#count) : this.#plain;
  }

  #load() {
    this.#svg ??= fetch(this.#plain)
      .then((answer) => (answer.ok ? answer.text() : ""))
      .catch(() => {
        // Offline: the title says it, and the next count tries again.
        this.#svg = null;
        return "";
      });
    return this.#svg;
  }
}
