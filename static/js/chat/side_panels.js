/**
 * The sides of the page: drawers where the window is narrow, and the people that can be put away where it is wide.
 */
import { part } from "../core/ui/dom.js";

const NARROW = "(max-width: 1079px)";
const KEY = "parley.people";

export class SidePanels {
  /** @param {Document} page */
  constructor(page) {
    this.body = page.body;
    this.sidebar = /** @type {HTMLElement} */ (page.getElementById("sidebar"));
    this.people = /** @type {HTMLElement} */ (page.getElementById("people"));
    this.backdrop = part(page, "backdrop");
    this.narrow = matchMedia(NARROW);
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
