/** Connects the composer of the open room with the outbox, drafts, typing and edits. */
import { orUndefined, RequestError } from "../../core/errors.js";
import { t } from "../../core/i18n.js";
import { preferences } from "../../core/preferences.js";
import { isTouched } from "../../core/ui/device.js";
import { part } from "../../core/ui/dom.js";
import { orShowError } from "../../core/ui/prompts.js";
import { ComposerView } from "./composer_view.js";
import { confirmGroupMention } from "./confirm_group_mention.js";
import { mentionChoices } from "./mentions.js";
import { Outsiders } from "./outsiders.js";
import { OutsidersView } from "./outsiders_view.js";
import { typeAnywhere } from "./typing_anywhere.js";

/** @import { FoundPerson, Message, Quoted } from "../types.d.ts" */
/** @import { OpenRoom } from "../rooms/open_room.js" */
/** @import { ChatState } from "../chat_state.js" */
/** @import { EmojiKit } from "../emoji/emoji.js" */

const FULL = t(
  "Too many messages are waiting to be sent. This one can go when some of them are out.",
);

export class Composer {
  /** @type {OpenRoom | null} */
  #room = null;
  #outsiders = new Outsiders();

  /**
   * @param {ChatState} chat
   * @param {HTMLElement} root
   * @param {object} messages
   * @param {EmojiKit} messages.emoji
   * @param {() => void} messages.onEscape to the messages
   * @param {() => Message | null} messages.lastOwn
   */
  constructor(chat, root, { emoji, onEscape, lastOwn }) {
    this.#chat = chat;
    const { drafts, typing, me } = chat;
    this.view = new ComposerView(root, {
      onSend: (text, reply) => this.#send(text, reply),
      onCheck: (text) => confirmGroupMention(text, this.#present(), me.id, this.room?.people),
      choices: () => mentionChoices(this.#present(), me.id, this.room?.people.count),
      findPeople: (letters) => this.#people(letters),
      onTyping: () => {
        if (this.room) typing.typed(this.room.room.id);
      },
      onEdit: (id, text) => this.#edit(id, text),
      onEditLast: () => this.view.startEdit(lastOwn()),
      getDraft: (room) => drafts.get(room),
      setDraft: (room, draft) => drafts.set(room, draft),
      find: (id) => this.room?.stream.items.get(id),
      findElsewhere: (id) => this.#quoted(id),
      onEscape,
      emoji,
      enterSends,
    });
    drafts.on("changed", (room) => {
      if (this.room?.room.id === room) this.view.take(drafts.get(room));
    });
    typeAnywhere(document, () => this.#take());
    this.#outsidersView = new OutsidersView(part(document, "outsiders"), {
      onInvite: (people) => this.#invite(people),
      onDismiss: (people) => this.#dropOutsiders(people),
    });
    this.#outsiders.on("changed", (room) => this.room?.room.id === room && this.showOutsiders());
    chat.on("sent", ({ room, text }) => this.#sent(room, text));
  }

  #chat;
  #outsidersView;

  /** The open room. */
  get room() {
    return this.#room;
  }

  set room(room) {
    this.#room = room;
    this.showOutsiders();
  }

  /** Members may have come. */
  showOutsiders() {
    const { room } = this;
    if (room)
      this.#outsiders.drop(
        room.room.id,
        room.members.map(({ id }) => id),
      );
    this.#outsidersView.show(room ? this.#outsiders.in(room.room.id) : []);
  }

  /** @param {FoundPerson[]} people */
  async #invite(people) {
    const room = this.room?.room.id;
    if (!room) return;
    for (const person of people) {
      const asked = this.#chat.request("room:invite", { room, user: person.id });
      if (!(await orShowError(asked))) return;
      this.#outsiders.drop(room, [person.id]);
    }
    this.view.focus();
  }

  /** @param {FoundPerson[]} people */
  #dropOutsiders(people) {
    if (this.room)
      this.#outsiders.drop(
        this.room.room.id,
        people.map(({ id }) => id),
      );
    this.view.focus();
  }

  /** A message, or an edit, with this text is on the server. @param {string} id of its room @param {string} text */
  async #sent(id, text) {
    const open = this.#chat.openRooms.at(id);
    if (!open || open.room.member === false) return;
    const find = async (/** @type {string} */ query) => {
      const asked = { query, room: id, limit: 5 };
      return (await orUndefined(this.#chat.request("people:find", asked)))?.items ?? [];
    };
    await this.#outsiders.sent(open.room, text, open.members, find);
  }

  /**
   * The message that a reply quotes, where it is not held.
   * @param {string} id
   * @returns {Promise<Message | null | undefined>} null where it is gone; undefined without an answer
   */
  async #quoted(id) {
    const room = this.room?.room.id ?? "";
    try {
      const { items } = await this.#chat.request("message:context", { room, id, limit: 1 });
      return items.find((message) => message.id === id) ?? null;
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return error.isFinal ? null : undefined;
    }
  }

  /** A room was opened: have the focus, once no dialog stands before it. */
  roomOpened() {
    if (isTouched()) return;
    const dialog = document.querySelector("dialog:modal");
    if (dialog) dialog.addEventListener("close", () => this.#take(), { once: true });
    else this.#take();
  }

  /** @returns {boolean} whether it has the focus now */
  #take() {
    if (!this.room || this.view.root.hidden) return false;
    this.view.focus();
    return document.activeElement === this.view.text;
  }

  /** The members with their current presence. */
  #present() {
    const { presence } = this.#chat.rooms;
    return (this.room?.members ?? []).map((member) => ({
      ...member,
      state: presence.get(member.id) ?? member.state,
    }));
  }

  /** All people by these letters; in a direct conversation nobody else is mentioned. @param {string} letters */
  async #people(letters) {
    const room = this.room?.room;
    if (!room || room.kind === "direct") return [];
    const asked = { query: letters, room: room.id, limit: 10 };
    const { items } = await this.#chat.request("people:find", asked);
    return items.filter(({ id }) => id !== this.#chat.me.id);
  }

  /** @param {string} text @param {Quoted | null} reply @returns {string | undefined} why not */
  #send(text, reply) {
    const { outbox, tabLeader, typing } = this.#chat;
    if (!this.room) return t("There is no room to send this to.");
    if (outbox.isFull) return FULL;
    typing.stopped({ tell: false });
    outbox.add(this.room.room.id, text.toWellFormed?.() ?? text, reply?.id);
    tabLeader.take();
    return undefined;
  }

  /** @param {string} id @param {string} text */
  async #edit(id, text) {
    const { room } = this;
    if (!room) return;
    const done = await orShowError(
      this.#chat.request("message:edit", { room: room.room.id, id, text }),
    );
    if (done) return this.#sent(room.room.id, text);
    // Refused or disconnected: the person keeps the new wording.
    const { drafts } = this.#chat;
    const before = room.stream.items.get(id)?.text ?? "";
    drafts.set(room.room.id, { ...drafts.get(room.room.id), edit: { id, before, text } });
    if (this.room === room) this.view.take(drafts.get(room.room.id));
  }
}

/** The Enter key sends, unless the person chose otherwise, or nothing and writes by touch. */
function enterSends() {
  const chosen = preferences.get("enter_key");
  return chosen === "auto" ? !isTouched() : chosen === "send";
}
