/**
 * The elements of the conversation: one for each row, painted again only where its entry has changed,
 * and moved as little as possible, so that focus and scroll survive.
 */
import { t } from "../../core/i18n.js";
import { arrange, el } from "../../core/ui/dom.js";
import { isCommitted } from "./message_rows.js";
import { foldedLines, paintMessage, paintPending, systemLine } from "./message_view.js";

/** @import { Message } from "../types.d.ts" */
/** @import { Entry, Row } from "./message_rows.js" */
/** @import { Surroundings } from "./message_view.js" */

/** @typedef {{ element: HTMLElement, entry: Entry, quoted: Message | undefined }} Drawn */

export class MessageElements {
  newLine = el("div.new-line", t("New"));
  /** By message id, or by client_id until the server has it. @type {Map<string, Drawn>} */
  #drawn = new Map();
  /** @type {Map<string, HTMLElement>} */
  #days = new Map();
  /** By the id of each line that is folded into it. @type {Map<string, { element: HTMLElement, state: string }>} */
  #folds = new Map();

  /**
   * @param {HTMLElement} pane Its children are the rows.
   * @param {HTMLTemplateElement} template
   * @param {Surroundings} around
   */
  constructor(pane, template, around) {
    this.pane = pane;
    this.#template = template;
    this.#around = around;
  }

  #template;
  #around;

  /** @param {string} id of a message, or the client_id of one that is being sent */
  of(id) {
    return this.#drawn.get(id)?.element ?? this.foldOf(id);
  }

  /** The line that stands for several. @param {string} id of one of them */
  foldOf(id) {
    return this.#folds.get(id)?.element;
  }

  /** How many messages are drawn. */
  get size() {
    return this.#drawn.size;
  }

  /** @param {Row[]} rows all that the list shows from now on */
  draw(rows) {
    const before = { drawn: this.#drawn, days: this.#days, folds: this.#folds };
    this.#drawn = new Map();
    this.#days = new Map();
    this.#folds = new Map();
    arrange(
      this.pane,
      rows.map((row) => {
        if (row.kind === "new") return this.newLine;
        if (row.kind === "day") return this.#day(row.key, row.at, before.days);
        if (row.kind === "fold") return this.#fold(row, before.folds);
        const { element } = this.#entry(row.entry, before.drawn);
        element.classList.toggle("is-continued", row.isContinued);
        return element;
      }),
    );
  }

  /** @param {Entry} entry @param {Map<string, Drawn>} before */
  #entry(entry, before) {
    const { key, held } = this.#find(entry, before);
    const quoted = entry.reply_to ? this.#around.find(entry.reply_to) : undefined;
    const isSame = held?.entry === entry && held.quoted === quoted;
    const drawn = isSame ? held : { element: this.#paint(entry, held?.element), entry, quoted };
    this.#drawn.set(key, drawn);
    return drawn;
  }

  /**
   * A message keeps the element that it had while it was being sent, and the focus in it.
   * @param {Entry} entry @param {Map<string, Drawn>} before
   */
  #find(entry, before) {
    if (!isCommitted(entry)) return { key: entry.client_id, held: before.get(entry.client_id) };
    const isOwn = entry.by?.id === this.#around.me.id;
    const sent = isOwn && entry.client_id ? before.get(entry.client_id) : undefined;
    if (sent) before.delete(entry.client_id ?? "");
    return { key: entry.id, held: before.get(entry.id) ?? sent };
  }

  /** @param {Entry} entry @param {HTMLElement | undefined} held */
  #paint(entry, held) {
    if (isCommitted(entry) && entry.system && !entry.deleted)
      return systemLine(entry, this.#around.calendar);
    const element = held ?? this.#clone();
    if (isCommitted(entry)) paintMessage(element, entry, this.#around);
    else paintPending(element, entry, this.#around);
    return element;
  }

  #clone() {
    const first = /** @type {Element} */ (this.#template.content.firstElementChild);
    return /** @type {HTMLElement} */ (document.importNode(first, true));
  }

  /**
   * @param {Extract<Row, { kind: "fold" }>} row
   * @param {Map<string, { element: HTMLElement, state: string }>} before
   */
  #fold({ lines, isOpen }, before) {
    const state = `${isOpen} ${lines.map(({ id, rev }) => `${id}.${rev}`)}`;
    const held = before.get(lines[0]?.id ?? "");
    const onToggle = () => this.#around.folds.unfold(lines, !isOpen);
    const isSame = held?.state === state;
    const fold = isSame ? held : { state, element: foldedLines(lines, { isOpen, onToggle }) };
    for (const { id } of lines) this.#folds.set(id, fold);
    return fold.element;
  }

  /** @param {string} key @param {string} at @param {Map<string, HTMLElement>} before */
  #day(key, at, before) {
    const line = before.get(key) ?? el("div.day");
    const words = this.#around.calendar.day(at);
    if (line.textContent !== words) line.replaceChildren(el("span", words));
    this.#days.set(key, line);
    return line;
  }
}
