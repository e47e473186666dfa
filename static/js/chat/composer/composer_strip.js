/** The line over the field: which message is answered, or that one's own is being changed. */
import { t, tNodes } from "../../core/i18n.js";
import { part, typed } from "../../core/ui/dom.js";
import { quoted } from "../../core/ui/format.js";

/** @import { Draft, Message, Quoted } from "../types.d.ts" */
/** @import { ComposerOptions } from "./composer_view.js" */

export class ComposerStrip {
  /** A reply of which only the id is known: its draft was begun on another device. @type {Quoted | null} */
  #unknown = null;
  /** The one of them whose message is being asked for, or is gone. @type {Quoted | null} */
  #sought = null;

  /** @param {HTMLElement} root @param {Pick<ComposerOptions, "find" | "findElsewhere">} options */
  constructor(root, { find, findElsewhere }) {
    this.#root = root;
    this.#find = find;
    this.#findElsewhere = findElsewhere;
  }

  #root;
  #find;
  #findElsewhere;

  /** @param {{ [K in "reply" | "edit"]: Draft[K] | undefined }} draft */
  show({ reply, edit }) {
    this.#unknown = null;
    this.#root.hidden = true;
    if (edit) this.#say([t("Editing your message")]);
    else if (reply?.name) this.#sayQuote(reply);
    else if (reply) this.#showUnknown(reply);
  }

  /** The room or its messages have changed: what is answered may be known by now. */
  renew() {
    if (this.#unknown) this.#showUnknown(this.#unknown);
  }

  /** @param {Quoted} reply */
  #showUnknown(reply) {
    this.#unknown = reply;
    const message = this.#find?.(reply.id);
    if (message) return this.#found(message);
    this.#say([t("Reply to an earlier message")]);
    if (this.#sought !== reply) this.#seek(reply);
  }

  /** @param {Quoted} reply */
  async #seek(reply) {
    this.#sought = reply;
    const message = await this.#findElsewhere?.(reply.id);
    // Without a connection it is asked for again.
    if (message === undefined && this.#sought === reply) this.#sought = null;
    if (message && this.#unknown === reply) this.#found(message);
  }

  /** @param {Message} message */
  #found(message) {
    this.#unknown = null;
    if (message.deleted) this.#say([t("Reply to a deleted message")]);
    else this.#sayQuote(quoteOf(message));
  }

  /** @param {Quoted} quote */
  #sayQuote({ name = "", text = "" }) {
    this.#say(
      tNodes("Reply to {name}: {text}", { name: typed("b", name), text: typed("bdi", text) }),
    );
  }

  /** @param {(Node | string)[]} words */
  #say(words) {
    part(this.#root, "strip-text").replaceChildren(...words);
    this.#root.hidden = false;
  }
}

/** @param {Message} message @returns {Quoted} */
export function quoteOf({ id, by, text }) {
  return { id, name: by.name, text: quoted(text) };
}
