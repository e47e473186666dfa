/** What the view of the messages is built with. */

import type { EmojiKit } from "../emoji/emoji.js";
import type { Me, Message, Pending, Readers } from "../types.d.ts";
import type { SavedIds } from "./saved_ids.js";

export interface MessagesOptions {
  template: HTMLTemplateElement;
  me: Me;
  /** For reactions. */
  emoji: EmojiKit;
  /** What a room has of mine that is on its way or failed. */
  pending(room: string): Pending[];
  /** How many messages of a room are unread, where not all of them are held. */
  unread?(room: string): number;
  /** The reader comes near to the oldest message that is held, and the server has more. */
  onOlder?(): void;
  /** The same at the newest one. */
  onNewer?(): void;
  /** To the newest messages, which may not be held. */
  onLatest?(): void;
  /** The reader scrolled, or something was drawn. */
  onMoved?(): void;
  onReply?(message: Message): void;
  onEdit?(message: Message): void;
  /** Comes after the person confirmed. */
  onDelete?(message: Message): void;
  onReact?(message: Message, emoji: string, add: boolean): void;
  /** Who of a large room has read up to this message. */
  onReaders?(message: Message): Promise<Readers>;
  onRetry?(pending: Pending): void;
  onCopy?(entry: { text: string }): void;
  onCopyLink?(message: Message): void;
  onPin?(message: Message): void;
  /** Saves a message, or takes one that is saved off the list. */
  onSave?(message: Message): void;
  saved?: Pick<SavedIds, "has" | "prepare">;
  /** This message and the later ones are unread again. */
  onUnread?(message: Message): void;
  /** A quoted message that is not held. */
  onQuoted?(id: string): void;
  onDiscard?(pending: Pending): void;
  /** The highest seq that the person has before their eyes. */
  onVisible?(seq: number): void;
  /** Back to writing. */
  onEscape?(): void;
  /** From the empty room's first line. */
  onInvite?(): void;
}
