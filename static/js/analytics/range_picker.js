/** The controls for the time range and its steps. */
import { t } from "../core/i18n.js";
import { part } from "../core/ui/dom.js";
import { setOptions } from "./select_options.js";
import { LONGEST_MS, PRESETS } from "./time_ranges.js";
import { fromWallTime, wallTime } from "./time_zones.js";

/** @import { Span, Step } from "./types.d.ts" */

/** @typedef {{ preset: string, own: Span | null, step: Step | undefined }} Choice `own` where `preset` is "own" */

/** @type {Record<Step, string>} */
const STEPS = { minute: t("by minute"), hour: t("by hour"), day: t("by day") };

export class RangePicker {
  /** @type {Choice} */
  choice = { preset: "24h", own: null, step: undefined };

  /**
   * @param {{ ranges: HTMLElement, form: HTMLFormElement, step: HTMLSelectElement }} roots
   * @param {{ zone: string, now: () => number, onChange: (choice: Choice) => void }} how
   */
  constructor({ ranges, form, step }, { zone, now, onChange }) {
    this.#buttons = [...ranges.querySelectorAll("button")];
    this.#form = form;
    this.#step = step;
    this.#zone = zone;
    this.#now = now;
    this.#onChange = onChange;
    for (const button of this.#buttons)
      button.addEventListener("click", () => this.#press(button.dataset.range ?? ""));
    step.addEventListener("change", () => {
      this.#set({ ...this.choice, step: /** @type {Step} */ (step.value) });
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
  }

  #buttons;
  #form;
  #step;
  #zone;
  #now;
  #onChange;

  /** Read the choice from the page's address; invalid values fall back to the default. @param {URLSearchParams} from */
  read(from) {
    const preset = from.get("range") ?? "";
    const own = { from: Date.parse(from.get("from") ?? ""), to: Date.parse(from.get("to") ?? "") };
    const step = /** @type {Step | undefined} */ (from.get("step") ?? undefined);
    if (preset in PRESETS) this.choice = { preset, own: null, step };
    else if (own.from < own.to) this.choice = { preset: "own", own, step };
    this.#mark();
  }

  /** @returns {Record<string, string>} for an address */
  get words() {
    const { preset, own, step } = this.choice;
    /** @type {Record<string, string>} */
    const more = step ? { step } : {};
    if (!own) return { range: preset, ...more };
    return { from: new Date(own.from).toISOString(), to: new Date(own.to).toISOString(), ...more };
  }

  /** @param {Step[]} steps that can be chosen @param {Step} step that is shown */
  steps(steps, step) {
    setOptions(
      this.#step,
      steps.map((each) => [each, STEPS[each]]),
    );
    this.#step.value = step;
    this.#step.disabled = steps.length < 2;
  }

  /** @param {string} preset */
  #press(preset) {
    if (preset !== "own") return this.#set({ preset, own: null, step: undefined });
    this.#form.hidden = !this.#form.hidden;
    this.#expand();
    if (this.#form.hidden) return;
    this.#fill();
    this.#input("from").focus();
  }

  #expand() {
    const own = this.#buttons.find((button) => button.dataset.range === "own");
    own?.setAttribute("aria-expanded", String(!this.#form.hidden));
  }

  #fill() {
    const { from, to } = this.choice.own ?? { from: this.#now() - 7 * 86_400_000, to: this.#now() };
    this.#input("from").value = local(from, this.#zone);
    this.#input("to").value = local(to, this.#zone);
    this.#input("to").max = local(this.#now(), this.#zone);
  }

  #submit() {
    const from = parsed(this.#input("from").value, this.#zone);
    const to = parsed(this.#input("to").value, this.#zone);
    const error = part(this.#form, "error");
    error.textContent = refusal(from, to, this.#now());
    if (error.textContent) return;
    this.#set({ preset: "own", own: { from, to }, step: undefined });
  }

  /** @param {string} name @returns {HTMLInputElement} */
  #input(name) {
    return /** @type {HTMLInputElement} */ (this.#form.elements.namedItem(name));
  }

  /** @param {Choice} choice */
  #set(choice) {
    this.choice = choice;
    if (choice.preset !== "own") this.#form.hidden = true;
    this.#expand();
    this.#mark();
    this.#onChange(choice);
  }

  #mark() {
    for (const button of this.#buttons)
      button.setAttribute("aria-pressed", String(button.dataset.range === this.choice.preset));
  }
}

/** @param {number} from @param {number} to @param {number} now */
function refusal(from, to, now) {
  if (Number.isNaN(from) || Number.isNaN(to)) return t("Say from when and up to when.");
  if (from >= to) return t("The range ends before it begins.");
  if (from >= now) return t("The range has not begun yet.");
  if (Math.min(to, now) - from > LONGEST_MS) return t("The range has more than 3,000 days.");
  return "";
}

/** @param {number} at @param {string} zone */
function local(at, zone) {
  const { year, month, day, hour, minute } = wallTime(at, zone);
  const two = (/** @type {number} */ n) => String(n).padStart(2, "0");
  return `${year}-${two(month)}-${two(day)}T${two(hour)}:${two(minute)}`;
}

/** @param {string} text as the field gives it @param {string} zone */
function parsed(text, zone) {
  const [year, month, day, hour, minute] = text.split(/\D/u).map(Number);
  if (year === undefined || month === undefined || day === undefined) return Number.NaN;
  return fromWallTime({ year, month, day, hour: hour ?? 0, minute: minute ?? 0 }, zone);
}
