/**
 * The one toolbar that sits on the message under the pointer or the focus; a long press opens the sheet
 * of the message instead.
 */
import { t } from "../../core/i18n.js";
import { el, iconButton } from "../../core/ui/dom.js";
import { openMenu } from "../../core/ui/menu.js";
import { confirm } from "../../core/ui/prompts.js";
import { QuickReactions } from "../emoji/quick_reactions.js";
import { messageChoices } from "./message_menu.js";
import { openMessageSheet } from "./message_sheet.js";

/** @import { Choice } from "../../core/ui/menu.js" */
/** @import { Message } from "../types.d.ts" */
/** @import { MessageListView } from "./message_list_view.js" */

const LONG_PRESS_MS = 450;

export class MessageToolbar {
  /** @param {HTMLElement} list @param {MessageListView} view */
  constructor(list, view) {
    this.list = list;
    this.view = view;
    this.bar = el("div.actions", { role: "toolbar", "aria-label": t("Message actions") });
    this.picker = new QuickReactions(
      view.options.emoji,
      (emoji) => this.#react(emoji),
      () => this.#reactingTo(),
    );
    /** @type {HTMLElement | null} */
    this.element = null;
    this.isLongPress = false;
    this.#listen();
  }

  #listen() {
    const { list } = this;
    list.addEventListener("pointerover", (event) => this.#hovered(event));
    list.addEventListener("pointerleave", () => this.#left());
    list.addEventListener("focusin", (event) => this.#show(messageAround(event.target)));
    list.addEventListener("focusout", (event) => this.#blurred(event));
    list.addEventListener("click", (event) => this.#clicked(event));
    list.addEventListener("pointerdown", (event) => this.#pressed(event));
    list.addEventListener("contextmenu", (event) => this.isLongPress && event.preventDefault());
    this.bar.addEventListener("keydown", (event) => this.#walk(event));
  }

  /** Whether a picker or menu of the bar is open: it stays where it is. */
  get #isBusy() {
    return this.picker.isOpen || this.bar.querySelector("[aria-expanded=true]") !== null;
  }

  /** @param {HTMLElement} element open the menu of this message */
  menu(element) {
    this.#show(element);
    const more = this.bar.querySelector("[data-more]");
    if (more instanceof HTMLElement && more.isConnected) more.click();
  }

  hide() {
    this.picker.close();
    this.bar.remove();
    this.element?.classList.remove("has-actions");
    this.element = null;
  }

  /** @param {HTMLElement} element */
  pick(element) {
    this.#show(element);
    if (!this.element || this.view.isReadOnly) return;
    this.picker.open(this.bar);
  }

  /** @param {Message} message */
  async remove(message) {
    const isSure = await confirm({
      title: t("Delete this message?"),
      text: t("It is deleted for everyone in the room. This can't be undone."),
      action: t("Delete"),
      danger: true,
    });
    if (isSure) this.view.options.onDelete?.(message);
  }

  /** @param {Message} message */
  canEdit(message) {
    return !this.view.isReadOnly && message.by?.id === this.view.me.id;
  }

  /** @param {Message} message */
  canDelete(message) {
    return this.canEdit(message) || (!this.view.isReadOnly && this.view.me.role === "admin");
  }

  /** @param {HTMLElement | null} element */
  #show(element) {
    if (element === this.element) return;
    const message = this.view.find(element?.dataset.id ?? "");
    this.hide();
    if (!element || !message || message.deleted) return;
    this.view.options.saved?.prepare();
    this.element = element;
    element.classList.add("has-actions");
    this.bar.replaceChildren(...this.#buttons(message));
    element.append(this.bar);
  }

  /** @param {Message} message */
  #buttons(message) {
    const { options, isReadOnly } = this.view;
    const react = iconButton("smile", t("React"), () => this.picker.toggle(this.bar));
    react.setAttribute("aria-haspopup", "true");
    const more = iconButton("more", t("More actions"), () =>
      openMenu(more, this.#choices(message)),
    );
    more.setAttribute("aria-haspopup", "menu");
    more.dataset.more = "";
    if (isReadOnly) return [more];
    const reply = iconButton("reply", t("Reply"), () => options.onReply?.(message));
    if (!this.canEdit(message)) return [react, reply, more];
    return [react, reply, iconButton("edit", t("Edit"), () => options.onEdit?.(message)), more];
  }

  /** Like a reaction, a choice leaves the focus on the message: the bar follows the pointer again. @param {Message} message */
  #choices(message) {
    return messageChoices(this.view, message).map(({ run, ...choice }) => ({
      ...choice,
      run: () => {
        this.element?.focus({ preventScroll: true });
        run();
      },
    }));
  }

  /** @param {string} emoji */
  #react(emoji) {
    const message = this.view.find(this.element?.dataset.id ?? "");
    this.element?.focus({ preventScroll: true });
    if (message) this.#toggle(message, emoji);
  }

  /**
   * For the dialog of all emoji: when it is closed, the toolbar may have gone.
   * @returns {(emoji: string | null) => void}
   */
  #reactingTo() {
    const { element } = this;
    return (emoji) => {
      const message = this.view.find(element?.dataset.id ?? "");
      element?.focus({ preventScroll: true });
      if (message && emoji) this.#toggle(message, emoji);
    };
  }

  /** @param {Message} message @param {string} emoji */
  #toggle(message, emoji) {
    const isGiven = message.reactions?.[emoji]?.includes(this.view.me.id) ?? false;
    this.view.options.onReact?.(message, emoji, !isGiven);
  }

  /** @param {PointerEvent} event */
  #hovered(event) {
    if (event.pointerType === "touch" || this.#isBusy) return;
    if (this.bar.contains(document.activeElement)) return;
    this.#show(messageAround(event.target));
  }

  #left() {
    if (!this.#isBusy && !this.element?.contains(document.activeElement)) this.hide();
  }

  /** @param {FocusEvent} event */
  #blurred(event) {
    if (this.#isBusy) return;
    const next = event.relatedTarget;
    if (next instanceof Node && this.element?.contains(next)) return;
    if (!this.element?.matches(":hover")) this.hide();
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const target = event.target instanceof Element ? event.target : null;
    const element = messageAround(target);
    if (!element || !target) return;
    const emoji = target.closest(".reaction")?.getAttribute("data-emoji");
    const message = this.view.find(element.dataset.id ?? "");
    if (emoji && message) this.#toggle(message, emoji);
    const quoted = target.closest(".quote")?.getAttribute("data-to");
    if (quoted) this.view.goTo(quoted);
    const act = target.closest("[data-pending]")?.getAttribute("data-pending");
    if (act) this.#settle(act, element.dataset.clientId ?? "");
  }

  /** Retry, Copy or Discard of a message that failed. @param {string} act @param {string} clientId */
  #settle(act, clientId) {
    const pending = this.view.pending.find((each) => each.client_id === clientId);
    const { onRetry, onCopy, onDiscard } = this.view.options;
    if (!pending) return;
    if (act === "retry") onRetry?.(pending);
    else if (act === "copy") onCopy?.(pending);
    else onDiscard?.(pending);
  }

  /** A finger that rests opens the sheet; one that scrolls does not. @param {PointerEvent} event */
  #pressed(event) {
    this.isLongPress = false;
    if (event.pointerType !== "touch") return;
    const element = messageAround(event.target);
    if (element !== this.element) this.hide();
    const timer = setTimeout(() => {
      this.isLongPress = true;
      if (element) this.#openSheet(element);
    }, LONG_PRESS_MS);
    const stop = () => clearTimeout(timer);
    for (const type of ["pointerup", "pointercancel", "pointermove"])
      this.list.addEventListener(type, stop, { once: true });
  }

  /** @param {HTMLElement} element */
  async #openSheet(element) {
    const message = this.view.find(element.dataset.id ?? "");
    if (!message || message.deleted) return;
    const { options, isReadOnly } = this.view;
    const react = (/** @type {string} */ emoji) => this.#toggle(message, emoji);
    /** @type {Choice[]} */
    const choices = messageChoices(this.view, message);
    if (this.canEdit(message))
      choices.unshift({ icon: "edit", label: t("Edit"), run: () => options.onEdit?.(message) });
    if (!isReadOnly)
      choices.unshift({ icon: "reply", label: t("Reply"), run: () => options.onReply?.(message) });
    element.classList.add("has-actions");
    await openMessageSheet({
      choices,
      emoji: options.emoji,
      onReact: isReadOnly ? null : react,
      onMore: async () => {
        const picked = await options.emoji.pick(element);
        if (picked) react(picked.symbol);
      },
    });
    if (element !== this.element) element.classList.remove("has-actions");
  }

  /** Left and right walk along the bar, Escape leaves it. @param {KeyboardEvent} event */
  #walk(event) {
    const buttons = [...this.bar.querySelectorAll(":scope > button")];
    const index = buttons.indexOf(/** @type {Element} */ (document.activeElement));
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (event.key === "Escape" && !this.picker.isOpen) {
      event.stopPropagation();
      this.element?.focus({ preventScroll: true });
    }
    if (!step || index < 0) return;
    event.preventDefault();
    const next = buttons[(index + step + buttons.length) % buttons.length];
    if (next instanceof HTMLElement) next.focus();
  }
}

/** @param {EventTarget | null} target */
export function messageAround(target) {
  const element = target instanceof Element ? target.closest(".message") : null;
  return element instanceof HTMLElement ? element : null;
}
