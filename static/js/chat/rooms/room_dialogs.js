/**
 * The dialogs of the chat page. They ask and hand the answer on; what is refused is said in the
 * dialog, which stays open with what was written.
 */
import { field, formDialog, openDialog } from "../../core/ui/dialog.js";
import { el, icon, typed } from "../../core/ui/dom.js";
import { isolated } from "../../core/ui/format.js";

export { roomSettings } from "./room_settings.js";

/** @import { Member, Room } from "../types.d.ts" */

/** @param {(values: { name: string, kind: "open" | "private", members: string[] }) => unknown} submit */
export function createRoom(submit) {
  const fields = [
    field("name", "Name", { required: true, maxlength: 64, placeholder: "workshop" }),
    kinds(),
    field("members", "Add people (optional)", { hint: "User names, with spaces between: ana ben" }),
  ];
  return formDialog("Create a room", fields, "Create room", ({ name = "", kind, members = "" }) =>
    submit({ name, kind: kind === "private" ? "private" : "open", members: userNames(members) }),
  );
}

/** @param {string} text "ana, @ben" → ["ana", "ben"]. */
function userNames(text) {
  return text
    .split(/[\s,;]+/u)
    .map((name) => name.replace(/^@/u, ""))
    .filter(Boolean);
}

function kinds() {
  return el(
    "fieldset.field",
    el("legend", "Who can read it"),
    el(
      "div.choices",
      kind("open", "Open", "Everyone here can find, read and join it."),
      kind("private", "Private", "Only those who are invited know that it exists."),
    ),
  );
}

/** @param {string} value @param {string} name @param {string} note */
function kind(value, name, note) {
  const radio = el("input", { type: "radio", name: "kind", value, checked: value === "open" });
  return el("label.choice", radio, el("b", name), el("span", note));
}

/**
 * @param {() => Promise<Room[]>} load The open rooms that I am not in.
 * @param {(room: Room) => unknown} onJoin
 */
export function browseRooms(load, onJoin) {
  const list = el("div", el("p.muted", { role: "status" }, "Looking for rooms…"));
  const { dialog, closed } = openDialog("Open rooms", [list]);
  const join = (/** @type {Room} */ room) => {
    dialog.close();
    onJoin(room);
  };
  load().then(
    (rooms) => list.replaceChildren(...browseRows(rooms, join)),
    (error) =>
      list.replaceChildren(el("p.form-error", error?.message ?? "The rooms can't be listed now.")),
  );
  return closed;
}

/** @param {Room[]} rooms @param {(room: Room) => void} join */
function browseRows(rooms, join) {
  if (!rooms.length)
    return [
      el("p.muted", "You are in every open room there is. Create one with + in the list of rooms."),
    ];
  return rooms.map((room) =>
    el(
      "div.browse-row",
      icon("hash"),
      el("div", typed("b", room.name), typed("p", room.topic || "No topic yet")),
      el(
        "button.button.quiet",
        {
          type: "button",
          "aria-label": `Join ${room.name}`,
          onclick: () => join(room),
        },
        "Join",
      ),
    ),
  );
}

/** @param {Room} room @param {(values: { user: string }) => unknown} submit */
export function inviteToRoom(room, submit) {
  const fields = [
    field("user", "User name", {
      required: true,
      placeholder: "ben",
      hint: `They see ${isolated(room.name)} with all that was written in it.`,
    }),
  ];
  return formDialog(`Invite to ${isolated(room.name)}`, fields, "Invite", ({ user = "" }) =>
    submit({ user: userNames(user)[0] ?? "" }),
  );
}

/** @param {Member[]} people Suggestions. @param {(values: { user: string }) => unknown} submit */
export function directMessage(people, submit) {
  const names = el(
    "datalist",
    { id: "dialog-people" },
    ...people.map((member) => el("option", { value: member.username }, member.name)),
  );
  const fields = [
    field("user", "User name", { required: true, placeholder: "ben", list: "dialog-people" }),
    names,
  ];
  return formDialog("Write to someone", fields, "Write", ({ user = "" }) =>
    submit({ user: userNames(user)[0] ?? "" }),
  );
}
