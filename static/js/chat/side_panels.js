/**
 * The sides of the page: drawers where the window is narrow, which a finger draws in and out, and the people that can be
 * put away where it is wide.
 */
import { part } from "../core/ui/dom.js";
import { onSwipe } from "../core/ui/swipe.js";

/** @import { Draw } from "../core/ui/swipe.js" */

const NARROW = "(max-width: 1079px)";
/** Where the rooms are a drawer too. */
const NARROWEST = "(max-width: 759px)";
const KEY = "parley.people";

export class SidePanels {
  /** @param {Document} page */
  constructor(page) {
    this.body = page.body;
    this.sidebar = /** @type {HTMLElement} */ (page.getElementById("sidebar"));
    this.people = /** @type {HTMLElement} */ (page.getElementById("people"));
    this.backdrop = part(page, "backdrop");
    this.narrow = matchMedia(NARROW);
    this.narrowest = matchMedia(NARROWEST);
    /** @type {HTMLElement | null} */
    this.opener = null;
    this.body.classList.toggle("people-closed", localStorage.getItem(KEY) === "closed");
    this.#listen();
    this.#tell();
  }

  #listen() {
    this.backdrop.addEventListener("click", () => this.close());
    for (const button of this.body.querySelectorAll("[data-close]"))
      button.addEventListener("click", () => this.close());
    this.narrow.addEventListener("change", () => this.close());
    this.body.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !event.defaultPrevented && !this.backdrop.hidden) this.close();
    });
    onSwipe(this.body, () => this.#drawn());
  }

  /** The thing that a finger draws now: an open drawer back to its side, or the rooms into the page. @returns {Draw | null} */
  #drawn() {
    const { classList } = this.body;
    const isOpen = !this.backdrop.hidden;
    if (document.querySelector("dialog[open]")) return null;
    if (isOpen && classList.contains("show-people")) return this.#draws(this.people, 1, isOpen);
    if (isOpen) return this.#draws(this.sidebar, -1, isOpen);
    return this.narrowest.matches ? this.#draws(this.sidebar, 1, isOpen) : null;
  }

  /** @param {HTMLElement} panel @param {1 | -1} direction @param {boolean} isOpen @returns {Draw} */
  #draws(panel, direction, isOpen) {
    const length = panel.offsetWidth;
    return {
      axis: "x",
      direction,
      length,
      moved: (by) => {
        const away = isOpen ? by * direction : (by - length) * direction;
        panel.classList.add("is-drawn");
        panel.style.setProperty("transform", `translateX(${away}px)`);
      },
      ended: (isDone) => {
        panel.classList.remove("is-drawn");
        panel.style.removeProperty("transform");
        if (!isDone) return;
        if (isOpen) this.close();
        else this.openRooms();
      },
    };
  }

  openRooms() {
    this.#open("show-rooms", this.sidebar);
  }

  togglePeople() {
    if (this.narrow.matches) return this.#open("show-people", this.people);
    const isClosed = this.body.classList.toggle("people-closed");
    localStorage.setItem(KEY, isClosed ? "closed" : "open");
    this.#tell();
  }

  close() {
    if (this.backdrop.hidden) return;
    this.body.classList.remove("show-rooms", "show-people");
    this.backdrop.hidden = true;
    this.#tell();
    this.opener?.focus();
  }

  /** @param {string} name @param {HTMLElement} panel */
  #open(name, panel) {
    const active = document.activeElement;
    this.opener = active instanceof HTMLElement ? active : null;
    this.body.classList.add(name);
    this.backdrop.hidden = false;
    this.#tell();
    const first = panel.querySelector("[data-close]");
    if (first instanceof HTMLElement) first.focus();
  }

  /** Tells screen readers which drawer is open, and makes the rest of the page unreachable behind it. */
  #tell() {
    const { classList } = this.body;
    const isRooms = classList.contains("show-rooms");
    const isPeople = this.narrow.matches
      ? classList.contains("show-people")
      : !classList.contains("people-closed");
    const note = (/** @type {string} */ name, /** @type {boolean} */ is) =>
      part(this.body, name).setAttribute("aria-expanded", String(is));
    note("menu", isRooms);
    note("people", isPeople);
    part(this.body, "title").closest("main")?.toggleAttribute("inert", !this.backdrop.hidden);
  }
}
