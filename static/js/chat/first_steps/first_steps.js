/**
 * The list that leads an admin through a new server: name it, invite people, make a room. A step ticks
 * itself off when it is true, and the list goes away when all are, or when it is hidden.
 */
import { t } from "../../core/i18n.js";
import { jsonRequest } from "../../core/json_request.js";
import { field, formDialog } from "../../core/ui/dialog.js";
import { el, icon, iconButton } from "../../core/ui/dom.js";
import { showToast } from "../../core/ui/prompts.js";
import { inviteLink } from "../people/invite_link.js";

/** @import { Preferences } from "../../core/preferences.js" */

/** @typedef {"name" | "people" | "rooms"} StepName */
/** @typedef {Record<StepName, boolean>} Steps which are done */

const NAME_CHARACTERS = 60;
/** @type {StepName[]} */
const STEPS = ["name", "people", "rooms"];

export class FirstSteps {
  /** @type {Steps | null} */
  #steps = null;

  /**
   * @param {HTMLElement} root
   * @param {object} options
   * @param {Preferences} options.preferences
   * @param {() => string} options.serverName
   * @param {(name: string) => void} options.onRenamed
   * @param {() => Promise<unknown>} options.createRoom resolves when its dialog is closed
   */
  constructor(root, options) {
    this.#root = root;
    this.#options = options;
    options.preferences.on("first_steps", (chosen) => {
      if (chosen === "hidden") root.hidden = true;
      else this.refresh();
    });
  }

  #root;
  #options;

  /** Ask which steps are done, and show it. */
  async refresh() {
    if (this.#isHidden) return;
    const steps = await jsonRequest("GET", "/api/first-steps").catch(() => null);
    // Another answer may have been the last that was wanted.
    if (steps && !this.#isHidden) this.#show(steps);
  }

  get #isHidden() {
    return this.#options.preferences.get("first_steps") === "hidden";
  }

  /** @param {Steps} steps */
  #show(steps) {
    const before = this.#steps;
    this.#steps = steps;
    if (STEPS.every((name) => steps[name])) {
      // On a server that was there before this list there is nothing to tell.
      if (before) showToast(t("Everything is set up."));
      this.#hide();
      return;
    }
    const hadFocus = this.#root.contains(document.activeElement);
    this.#root.replaceChildren(
      el("h2", t("First steps")),
      iconButton("close", t("Hide the first steps"), () => this.#hide()),
      el("ol", ...STEPS.map((name) => this.#row(name, steps[name]))),
    );
    this.#root.hidden = false;
    if (hadFocus) this.#root.querySelector("button")?.focus();
  }

  #hide() {
    this.#root.hidden = true;
    this.#options.preferences.set({ first_steps: "hidden" });
  }

  /** @param {StepName} name @param {boolean} isDone */
  #row(name, isDone) {
    const { label, run } = this.#step(name);
    const mark = el("span.step-mark", isDone ? icon("check", "small") : null);
    const words = el("span", label);
    if (isDone) return el("li.is-done", mark, words, el("span.visually-hidden", ` (${t("done")})`));
    const onclick = async () => {
      await run();
      await this.refresh();
    };
    return el("li", el("button", { type: "button", onclick }, mark, words));
  }

  /** @param {StepName} name @returns {{ label: string, run: () => Promise<unknown> }} */
  #step(name) {
    return {
      name: { label: t("Name your server"), run: () => this.#rename() },
      people: { label: t("Invite people"), run: inviteLink },
      rooms: { label: t("Create a room"), run: this.#options.createRoom },
    }[name];
  }

  #rename() {
    const name = field("name", t("Name of the server"), {
      value: this.#options.serverName(),
      hint: t("Such as the name of your team, club or family."),
      required: true,
      maxlength: NAME_CHARACTERS,
    });
    queueMicrotask(() => name.querySelector("input")?.select());
    return formDialog(t("Name your server"), [name], t("Save"), async ({ name = "" }) => {
      const answer = await jsonRequest("PATCH", "/api/server", { name });
      this.#options.onRenamed(answer.name);
    });
  }
}
