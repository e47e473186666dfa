/**
 * The settings of one room: its name and topic, leaving it, archiving it.
 */
import { t } from "../../core/i18n.js";
import { dialogForm, field, openDialog } from "../../core/ui/dialog.js";
import { el, typed } from "../../core/ui/dom.js";
import { isolated } from "../../core/ui/format.js";
import { confirm } from "../../core/ui/prompts.js";

/** @import { Room } from "../types.d.ts" */

/**
 * @param {Room} room
 * @param {object} options
 * @param {boolean} options.canManage
 * @param {(change: { name?: string, topic?: string }) => unknown} options.onUpdate
 * @param {() => unknown} options.onArchive
 * @param {() => unknown} options.onReopen
 * @param {() => unknown} options.onQuit
 */
export function roomSettings(room, { canManage, onUpdate, onArchive, onReopen, onQuit }) {
  /** @type {HTMLElement[]} */
  const parts =
    canManage && !room.archived ? [update(room, onUpdate, () => dialog.close())] : [about(room)];
  const end =
    (/** @type {() => Promise<boolean>} */ ask, /** @type {() => unknown} */ run) => async () => {
      dialog.close();
      if (await ask()) await run();
    };
  if (room.member !== false)
    parts.push(
      part(
        t("Leave"),
        t("You no longer get its messages."),
        t("Leave this room"),
        "quiet",
        end(() => askLeave(room), onQuit),
      ),
    );
  if (canManage && !room.archived)
    parts.push(
      part(
        t("Archive"),
        t("Everyone can still read it, nobody can write."),
        t("Archive this room"),
        "danger",
        end(() => askArchive(room), onArchive),
      ),
    );
  if (canManage && room.archived)
    parts.push(
      part(
        t("Open again"),
        t("Everyone in it can write again."),
        t("Reopen this room"),
        "quiet",
        async () => {
          dialog.close();
          await onReopen();
        },
      ),
    );
  const { dialog, closed } = openDialog(room.name, parts);
  return closed;
}

/** @param {Room} room @param {(change: { name?: string, topic?: string }) => unknown} onUpdate @param {() => void} done */
function update(room, onUpdate, done) {
  const fields = [
    field("name", t("Name"), { value: room.name, required: true, maxlength: 80 }),
    field("topic", t("Topic"), {
      value: room.topic,
      maxlength: 250,
      hint: t("What this room is for, in one line."),
    }),
  ];
  return dialogForm(
    fields,
    t("Save"),
    ({ name, topic }) => {
      /** @type {{ name?: string, topic?: string }} */
      const change = {};
      if (name !== room.name) change.name = name;
      if (topic !== room.topic) change.topic = topic;
      return Object.keys(change).length ? onUpdate(change) : undefined;
    },
    done,
  );
}

/** @param {Room} room */
function about(room) {
  const kind = {
    open: t("Open: everyone here can find and read it."),
    private: t("Private: only its members know of it."),
    direct: t("Between the two of you."),
  }[room.kind];
  return el(
    "div.dialog-form",
    room.topic && typed("p", room.topic),
    el("p.muted", room.archived ? t("Archived: it can be read, nobody can write.") : kind),
  );
}

/** @param {string} title @param {string} text @param {string} label @param {string} kind @param {() => void} onclick */
function part(title, text, label, kind, onclick) {
  return el(
    "div.dialog-part",
    el("h3", title),
    el("p.muted", text),
    el("button", { type: "button", class: `button ${kind}`, onclick }, label),
  );
}

/** @param {Room} room */
export function askLeave(room) {
  const text =
    room.kind === "private"
      ? t("Only a member can bring you back.")
      : t("You can join it again at any time.");
  return confirm({
    title: t("Leave {room}?", { room: isolated(room.name) }),
    text,
    action: t("Leave"),
  });
}

/** @param {Room} room */
function askArchive(room) {
  return confirm({
    title: t("Archive {room}?", { room: isolated(room.name) }),
    text: t("It stays readable. Nobody can write in it any more."),
    action: t("Archive"),
    danger: true,
  });
}
