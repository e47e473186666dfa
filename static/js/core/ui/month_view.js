/** A month to choose a day from; its weeks begin as the person chose. Arrows walk, Page keys turn months. */
import { LOCALE, t } from "../i18n.js";
import { dayAt, firstWeekday, inMonth, noonOf, weeksOf } from "../month.js";
import { preferences } from "../preferences.js";
import { el, icon } from "./dom.js";

const UTC = /** @type {const} */ ({ timeZone: "UTC" });
const title = new Intl.DateTimeFormat(LOCALE, { month: "long", year: "numeric", ...UTC });
const whole = new Intl.DateTimeFormat(LOCALE, { dateStyle: "full", ...UTC });
const short = new Intl.DateTimeFormat(LOCALE, { weekday: "short", ...UTC });
const long = new Intl.DateTimeFormat(LOCALE, { weekday: "long", ...UTC });

export class MonthView {
  /** @type {string} */
  #day;

  /**
   * @param {object} options
   * @param {string} options.day the one that is chosen, `2026-11-30`
   * @param {string} options.max the last one that can be
   * @param {(day: string) => void} options.onChoose
   */
  constructor({ day, max, onChoose }) {
    this.#day = day;
    this.#max = max;
    this.#onChoose = onChoose;
    this.#first = firstWeekday(preferences.get("week_start"), LOCALE);
    this.#title = el("span.month-title", { "aria-live": "polite" });
    this.#before = turn("back", t("The month before"), () => this.#turn(-1));
    this.#after = turn("forward", t("The month after"), () => this.#turn(1));
    this.#grid = el("table.month-days", { role: "grid", "aria-label": t("Days") });
    this.#grid.addEventListener("keydown", (event) => this.#key(event));
    this.element = el(
      "div.month",
      el("div.month-head", this.#before, this.#title, this.#after),
      this.#grid,
    );
    this.#paint();
  }

  #max;
  #onChoose;
  #first;
  #title;
  #before;
  #after;
  #grid;

  /** @param {string} day */
  show(day) {
    this.#day = day;
    this.#paint();
  }

  /** @param {number} by months */
  #turn(by) {
    this.#go(inMonth(this.#day, by));
  }

  /** @param {string} day */
  #go(day) {
    this.show(day > this.#max ? this.#max : day);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    const day = dayAt(this.#day, event.key, this.#first);
    if (day === null) return;
    event.preventDefault();
    this.#go(day);
    /** @type {HTMLElement | null} */ (this.#grid.querySelector('[tabindex="0"]'))?.focus();
  }

  #paint() {
    this.#title.textContent = title.format(noonOf(this.#day));
    this.#after.disabled = inMonth(this.#day, 1).slice(0, 7) > this.#max.slice(0, 7);
    const weeks = weeksOf(this.#day, this.#first);
    const days = [...Array(7).keys()].map(
      (at) => new Date(Date.UTC(2023, 0, 1 + this.#first + at)),
    );
    const names = days.map((at) =>
      el("th", { scope: "col", abbr: long.format(at) }, short.format(at)),
    );
    this.#grid.replaceChildren(
      el("thead", el("tr", ...names)),
      el("tbody", ...weeks.map((week) => el("tr", ...week.map((day) => this.#cell(day))))),
    );
  }

  /** @param {string | null} day */
  #cell(day) {
    if (day === null) return el("td");
    const isChosen = day === this.#day;
    return el(
      "td",
      { "aria-selected": String(isChosen) },
      el(
        "button",
        {
          type: "button",
          tabindex: isChosen ? 0 : -1,
          disabled: day > this.#max,
          "aria-label": whole.format(noonOf(day)),
          "aria-current": day === this.#max ? "date" : null,
          onclick: () => this.#onChoose(day),
        },
        String(Number(day.slice(8))),
      ),
    );
  }
}

/** @param {string} name @param {string} label @param {() => void} onclick */
function turn(name, label, onclick) {
  const about = { type: "button", "aria-label": label, title: label, onclick };
  const button = el("button.icon-button", about, icon("back"));
  button.dataset.turns = name;
  return button;
}
