/**
 * The person's preferences: `preferences.get("theme")`, `preferences.set({ theme: "dark" })`, and
 * `preferences.on("theme", listener)`.
 *
 * A change holds at once, in the person's other tabs too, and is saved at the server, which tells the
 * person's other devices. One that could not be saved is kept in this browser and saved later.
 */
import { clock } from "./clock.js";
import { Emitter } from "./emitter.js";

/** @import { Clock } from "./clock.js" */
/** @import { Preferences as Values } from "./types.d.ts" */

/** @typedef {{ [K in keyof Values]: [Values[K]] }} Events */
/** @typedef {Pick<BroadcastChannel, "postMessage" | "onmessage">} Tabs */
/** @typedef {Pick<Storage, "getItem" | "setItem" | "removeItem">} Store */

const ADDRESS = "/api/me/preferences";
const RETRY_MS = 15_000;

/** As in `app/accounts/preference_table.py`. @type {Values} */
export const DEFAULTS = {
  theme: "system",
  density: "comfortable",
  language: "auto",
  time_zone: "",
  clock: "auto",
  week_start: "auto",
  sounds: "on",
  enter_key: "auto",
  room_opens_at: "unread",
  room_order: "name",
  sections: { favourites: [], folded: [], order: [] },
  first_steps: "shown",
  emoji_skin_tone: 0,
  emoji_recent: [],
};

/** @extends {Emitter<Events>} */
export class Preferences extends Emitter {
  /** @type {Values} */
  #values;
  /** Changed here, and not at the server yet. @type {Partial<Values>} */
  #unsaved = {};
  /** @type {Promise<void> | null} */
  #saving = null;
  #cancelRetry = () => {};

  /**
   * @param {object} parts
   * @param {Partial<Values>} parts.values as the page has them
   * @param {((changes: Partial<Values>) => Promise<Response>) | null} parts.save null: nobody is signed in
   * @param {Tabs | null} [parts.tabs]
   * @param {Store | null} [parts.store]
   * @param {string} [parts.user] an id: another account of this browser has its own
   * @param {Clock} [parts.clock]
   */
  constructor({ values, save, tabs = null, store = null, user = "", clock: time = clock }) {
    super();
    this.#values = { ...DEFAULTS, ...values };
    this.#save = save;
    this.#tabs = tabs;
    this.#store = store;
    this.#key = `parley.preferences.${user}`;
    this.#clock = time;
    if (tabs) tabs.onmessage = ({ data }) => this.#apply(data);
    this.#resume();
  }

  #save;
  #tabs;
  #store;
  #key;
  #clock;

  /**
   * @template {keyof Values} K
   * @param {K} key
   * @returns {Values[K]}
   */
  get(key) {
    return this.#values[key];
  }

  /** @returns {Values} */
  all() {
    return this.#values;
  }

  /** The server tells what another device changed; what is not saved yet stays. @param {Partial<Values>} values */
  told(values) {
    this.#apply({ ...values, ...this.#unsaved });
  }

  /** Values that this browser has kept: there is nothing to save. @param {Partial<Values>} values */
  adopt(values) {
    this.#apply(values);
  }

  /**
   * @param {Partial<Values>} changes
   * @returns {Promise<boolean>} whether the server has them; a page need not wait for it
   */
  async set(changes) {
    this.#apply(changes);
    this.#tabs?.postMessage(changes);
    if (!this.#save) return false;
    this.#keep({ ...this.#unsaved, ...changes });
    await this.#flush();
    return Object.keys(changes).every((key) => !(key in this.#unsaved));
  }

  /** Try again what could not be saved: the network is back. */
  retry() {
    this.#flush();
  }

  /** Take up changes that another visit of this browser could not save. */
  #resume() {
    const kept = this.#save ? this.#store?.getItem(this.#key) : null;
    if (!kept) return;
    this.#unsaved = JSON.parse(kept);
    this.#values = { ...this.#values, ...this.#unsaved };
    this.#flush();
  }

  /** @param {Partial<Values>} changes */
  #apply(changes) {
    for (const key of /** @type {(keyof Values)[]} */ (Object.keys(changes))) {
      const value = changes[key];
      if (value === undefined || !(key in DEFAULTS) || isSame(value, this.#values[key])) continue;
      this.#values = { ...this.#values, [key]: value };
      this.emit(key, /** @type {never} */ (value));
    }
  }

  /** @param {Partial<Values>} unsaved */
  #keep(unsaved) {
    this.#unsaved = unsaved;
    try {
      if (Object.keys(unsaved).length) this.#store?.setItem(this.#key, JSON.stringify(unsaved));
      else this.#store?.removeItem(this.#key);
    } catch {
      // The browser keeps nothing: then this page does, while it is open.
    }
  }

  /** One request at a time; what changes meanwhile goes out with the next. */
  #flush() {
    this.#saving ??= this.#send().finally(() => {
      this.#saving = null;
    });
    return this.#saving;
  }

  async #send() {
    while (Object.keys(this.#unsaved).length && (await this.#sendOnce()));
  }

  /** @returns {Promise<boolean>} whether the server answered */
  async #sendOnce() {
    this.#cancelRetry();
    const sent = this.#unsaved;
    const answer = await this.#save?.(sent).catch(() => null);
    if (!answer || answer.status >= 500 || answer.status === 429) {
      this.#cancelRetry = this.#clock.after(RETRY_MS, () => this.#flush());
      return false;
    }
    this.#keep(changedSince(sent, this.#unsaved));
    // The answer has what other devices changed; where it is a refusal, the next page has it.
    if (answer.ok) this.#apply({ ...(await answer.json()), ...this.#unsaved });
    return true;
  }
}

/** The part of `now` that was set after `sent` went out. @param {Partial<Values>} sent @param {Partial<Values>} now */
function changedSince(sent, now) {
  /** @type {Record<string, unknown>} */
  const before = sent;
  const rest = Object.entries(now).filter(([key, value]) => value !== before[key]);
  return /** @type {Partial<Values>} */ (Object.fromEntries(rest));
}

/** @param {unknown} one @param {unknown} other */
function isSame(one, other) {
  return one === other || JSON.stringify(one) === JSON.stringify(other);
}

/** The theme and the density of the page. @param {Preferences} chosen @param {Document} page */
export function showLook(chosen, page) {
  const root = page.documentElement;
  const media = { system: "(prefers-color-scheme: dark)", light: "not all", dark: "all" };
  const showTheme = () => {
    root.dataset.theme = chosen.get("theme");
    for (const each of page.querySelectorAll("[data-dark]"))
      each.setAttribute("media", media[chosen.get("theme")]);
  };
  chosen.on("theme", showTheme);
  chosen.on("density", (density) => {
    root.dataset.density = density;
  });
  if (root.dataset.theme !== chosen.get("theme")) showTheme();
  root.dataset.density = chosen.get("density");
}

/** The preferences of the person of this page; signed out, the defaults. */
function ofThisPage() {
  const page = globalThis.document?.getElementById?.("preferences");
  if (!page) return new Preferences({ values: {}, save: null });
  const user = page.dataset.user ?? "";
  return new Preferences({
    values: JSON.parse(page.textContent ?? "{}"),
    save: (changes) =>
      fetch(ADDRESS, {
        method: "PATCH",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(changes),
        keepalive: true,
      }),
    tabs: new BroadcastChannel(`parley.preferences.${user}`),
    store: ownStore(),
    user,
  });
}

/** Where the browser forbids to store anything, asking for the store throws. */
function ownStore() {
  try {
    return localStorage;
  } catch {
    return null;
  }
}

export const preferences = ofThisPage();
if (globalThis.document?.documentElement) showLook(preferences, document);
