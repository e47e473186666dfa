/** t("Browse rooms"): all open rooms with a search, to look into and to join; archived ones apart. */

import { clock } from "../../core/clock.js";
import { compare, t, tn } from "../../core/i18n.js";
import { matchScore, SCATTERED } from "../../core/name_match.js";
import { openDialog } from "../../core/ui/dialog.js";
import { el } from "../../core/ui/dom.js";
import { roomMark } from "./directory.js";

/** @import { FoundRoom } from "../types.d.ts" */
/** @import { Directory } from "./directory.js" */

/**
 * @typedef {object} BrowseOptions
 * @property {Directory} directory
 * @property {() => FoundRoom[]} mine archived rooms of mine that are private
 * @property {(room: FoundRoom) => boolean} canManage
 * @property {(room: FoundRoom) => void} onJoin
 * @property {(room: FoundRoom) => void} onLook
 * @property {(room: FoundRoom) => Promise<unknown>} onReopen
 * @property {() => void} onCreate
 */

const REST_MS = 150;

/** @param {BrowseOptions} options */
export function browseRooms(options) {
  return new BrowseDialog(options).closed;
}

class BrowseDialog {
  /** @type {FoundRoom[]} */
  #rooms = [];
  #more = false;
  #asked = 0;
  /** @type {(() => void) | null} */
  #stopWaiting = null;

  /** @param {BrowseOptions} options */
  constructor(options) {
    this.#options = options;
    this.#input = el("input", {
      type: "search",
      dir: "auto",
      maxlength: 200,
      placeholder: t("Find a room"),
      "aria-label": t("Find a room"),
      autocomplete: "off",
      spellcheck: "false",
      oninput: () => this.#wait(),
      // By itself it would clear the field, and the next one close the dialog.
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape") this.#end(() => event.preventDefault());
      },
    });
    this.#archived = el("input", { type: "checkbox", onchange: () => this.#load(0) });
    this.#list = el("ul.browse-list", { "aria-label": t("Rooms") });
    this.#status = el("p.muted.browse-status", { role: "status" });
    this.#next = el(
      "button.button.quiet.browse-more",
      { type: "button", hidden: true, onclick: () => this.#load(this.#rooms.length) },
      t("Show more"),
    );
    const { dialog, closed } = openDialog(t("Browse rooms"), [
      el(
        "div.browse-head",
        el("div.field", this.#input),
        el("label.browse-archived", this.#archived, el("span", t("Archived rooms"))),
      ),
      this.#status,
      this.#list,
      this.#next,
    ]);
    this.#dialog = dialog;
    this.closed = closed;
    dialog.classList.add("browse");
    this.#load(0);
  }

  #options;
  #input;
  #archived;
  #list;
  #status;
  #next;
  #dialog;

  #wait() {
    this.#stopWaiting?.();
    this.#stopWaiting = clock.after(REST_MS, () => this.#load(0));
  }

  /** @param {number} offset */
  async #load(offset) {
    this.#asked += 1;
    const asked = this.#asked;
    const query = this.#input.value.trim();
    const archived = this.#archived.checked;
    if (!offset) this.#status.textContent = t("Looking for rooms…");
    try {
      const { items, more } = await this.#options.directory.rooms({ query, archived, offset });
      if (asked !== this.#asked) return;
      const own = archived && !offset ? this.#own(query) : [];
      this.#rooms = offset ? [...this.#rooms, ...items] : [...own, ...items];
      this.#more = more;
      this.#paint(offset);
    } catch (error) {
      if (asked === this.#asked)
        this.#status.textContent =
          /** @type {Error} */ (error)?.message ?? t("The rooms can't be listed now.");
    }
  }

  /** My archived rooms that are not open: the server finds open ones only. @param {string} query */
  #own(query) {
    return this.#options
      .mine()
      .filter(({ name }) => !query || matchScore(name, query) > SCATTERED)
      .sort((a, b) => compare(a.name, b.name));
  }

  /** @param {number} from the first row that is new */
  #paint(from) {
    const rows = this.#rooms.map((room) => this.#row(room));
    this.#list.replaceChildren(...rows);
    this.#next.hidden = !this.#more;
    this.#status.textContent = this.#rooms.length ? "" : this.#none();
    if (from) rows[from]?.querySelector("button")?.focus();
  }

  #none() {
    if (this.#input.value.trim()) return t("No room by that name.");
    return this.#archived.checked ? t("No room is archived.") : t("There are no open rooms yet.");
  }

  /** @param {FoundRoom} room */
  #row(room) {
    const { member, member_count } = room;
    const about = [
      member_count === undefined ? "" : tn("{n} member", "{n} members", member_count),
      member ? t("you are in it") : "",
    ];
    return el(
      "li.browse-row",
      roomMark(room),
      el(
        "div",
        el(
          "button.browse-name",
          {
            type: "button",
            dir: "auto",
            title: room.name,
            onclick: () => this.#end(() => this.#options.onLook(room)),
          },
          room.name,
        ),
        room.topic && el("p", { dir: "auto", title: room.topic }, room.topic),
        el("p.browse-count", about.filter(Boolean).join(" · ")),
      ),
      this.#action(room),
    );
  }

  /** @param {FoundRoom} room */
  #action(room) {
    const { canManage, onJoin, onLook, onReopen } = this.#options;
    const button = (
      /** @type {string} */ label,
      /** @type {string} */ name,
      /** @type {() => unknown} */ onclick,
    ) => el("button.button.quiet", { type: "button", "aria-label": name, onclick }, label);
    if (room.archived && canManage(room))
      return button(t("Reopen"), t("Reopen {room}", { room: room.name }), async () => {
        if (await onReopen(room)) this.#load(0);
      });
    if (room.archived || room.member)
      return button(t("View"), t("View {room}", { room: room.name }), () =>
        this.#end(() => onLook(room)),
      );
    return button(t("Join"), t("Join {room}", { room: room.name }), () =>
      this.#end(() => onJoin(room)),
    );
  }

  /** @param {() => void} then */
  #end(then) {
    this.#dialog.close();
    then();
  }
}
