/** The live feed: a line an event, which opens to show all its properties. */
import { t, tn } from "../core/i18n.js";
import { arrange, el, part, typed } from "../core/ui/dom.js";
import { oneLine } from "../core/ui/format.js";

/** @import { EventFeed } from "./event_feed.js" */
/** @import { PageNames } from "./page_names.js" */
/** @import { TrackedEvent } from "./types.d.ts" */
/** @import { ZoneClock } from "./number_format.js" */

const IN_LINE = 3;

export class EventFeedView {
  /** @type {Map<string, HTMLElement>} */
  #lines = new Map();

  /** @param {HTMLElement} root @param {{ feed: EventFeed, zoneClock: ZoneClock, pageNames: PageNames, onAsk: (asked: Promise<unknown>) => void }} parts */
  constructor(root, { feed, zoneClock, pageNames, onAsk }) {
    this.#feed = feed;
    this.#zoneClock = zoneClock;
    this.#pageNames = pageNames;
    this.#items = part(root, "items");
    this.#empty = part(root, "empty");
    this.#skipped = part(root, "skipped");
    this.#pause = part(root, "pause");
    this.#type = /** @type {HTMLSelectElement} */ (part(root, "type"));
    this.#pause.addEventListener("click", () => onAsk(feed.pause(!feed.isPaused)));
    this.#type.addEventListener("change", () => onAsk(feed.choose(this.#type.value)));
    feed.on("changed", () => this.#show());
  }

  #feed;
  #zoneClock;
  #pageNames;
  #items;
  #empty;
  #skipped;
  #pause;
  #type;

  #show() {
    const { items, isPaused, skipped } = this.#feed;
    this.#pageNames.ask([...new Set(items.flatMap(pathsOf))]);
    const lines = items.map((item) => this.#lines.get(item.id) ?? this.#line(item));
    this.#lines = new Map(items.map(({ id }, i) => [id, /** @type {HTMLElement} */ (lines[i])]));
    // New lines come on top: who has scrolled down keeps what they read.
    const { scrollTop, scrollHeight } = this.#items;
    arrange(this.#items, lines);
    if (scrollTop > 0) this.#items.scrollTop = scrollTop + this.#items.scrollHeight - scrollHeight;
    this.#empty.hidden = items.length > 0;
    this.#skipped.hidden = skipped === 0;
    this.#skipped.textContent = tn(
      "{n} more came too fast to be shown; it is counted.",
      "{n} more came too fast to be shown; they are counted.",
      skipped,
    );
    this.#pause.textContent = isPaused ? t("Go on") : t("Pause");
    this.#pause.setAttribute("aria-pressed", String(isPaused));
  }

  /** There are names of pages that were not known before. */
  showNames() {
    for (const item of this.#feed.items) {
      const words = this.#lines.get(item.id)?.querySelector("summary span");
      if (words && pathsOf(item).length) words.textContent = this.#words(item);
    }
  }

  /** @param {TrackedEvent} item */
  #words(item) {
    return inLine(item, (path) => this.#pageNames.label(path));
  }

  /** @param {TrackedEvent} item */
  #line(item) {
    const { event_type, timestamp, properties } = item;
    return el(
      "li",
      el(
        "details",
        el(
          "summary",
          el("time", { datetime: timestamp }, this.#zoneClock.second(Date.parse(timestamp))),
          el("b", event_type),
          el("span", this.#words(item)),
        ),
        el(
          "dl",
          ...pairs(item).flatMap(([name, value]) => [el("dt", name), typed("dd", value)]),
          Object.keys(properties).length === 0 && el("dt", t("No properties")),
        ),
      ),
    );
  }
}

/** The page of an event, where it has one. @param {TrackedEvent} item @returns {string[]} */
export function pathsOf({ properties: { path } }) {
  return typeof path === "string" ? [path] : [];
}

/** @param {TrackedEvent} item @param {(path: string) => string} labelOf */
export function inLine({ user_name, properties }, labelOf) {
  const some = Object.entries(properties).slice(0, IN_LINE);
  const said = some.map(([name, value]) =>
    name === "path" ? labelOf(shown(value)) : `${name}=${shown(value)}`,
  );
  return oneLine([user_name, ...said].filter(Boolean).join(" · "), 120);
}

/** @param {TrackedEvent} item @returns {[string, string][]} */
function pairs({ user_name, user_id, session_id, properties }) {
  /** @type {[string, string | null | undefined][]} */
  const who = [
    ["by", user_name ?? user_id],
    ["session", session_id],
  ];
  const known = who.flatMap(([name, value]) =>
    value ? [/** @type {[string, string]} */ ([name, value])] : [],
  );
  return [
    ...known,
    ...Object.entries(properties).map(
      ([name, value]) => /** @type {[string, string]} */ ([name, shown(value)]),
    ),
  ];
}

/** A text as it is, anything else as JSON. @param {unknown} value */
export function shown(value) {
  return typeof value === "string" ? value : JSON.stringify(value);
}
