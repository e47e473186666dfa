/**
 * The dialogs of the chat page. They ask and hand the answer on; what is refused is said in the
 * dialog, which stays open with what was written.
 */
import { t } from "../../core/i18n.js";
import { field, formDialog, openDialog } from "../../core/ui/dialog.js";
import { el } from "../../core/ui/dom.js";
import { isolated } from "../../core/ui/format.js";
import { SearchList } from "../../core/ui/search_list.js";
import { ranked } from "../directory/directory.js";
import { PeopleField } from "../directory/people_field.js";

export { browseRooms } from "../directory/browse_dialog.js";
export { askLeave, roomSettings } from "./room_settings.js";

/** @import { FoundPerson, Room } from "../types.d.ts" */
/** @import { Directory } from "../directory/directory.js" */

/**
 * @param {Directory} directory
 * @param {(values: { name: string, kind: "open" | "private", members: string[] }) => unknown} submit
 */
export function createRoom(directory, submit) {
  const people = new PeopleField({ directory, label: t("Add people (optional)") });
  people.element.classList.add("is-quiet");
  const fields = [
    field("name", t("Name"), { required: true, maxlength: 80, placeholder: t("workshop") }),
    kinds(),
    people.element,
  ];
  return formDialog(t("Create a room"), fields, t("Create room"), ({ name = "", kind }) =>
    submit({ name, kind: kind === "private" ? "private" : "open", members: people.ids }),
  );
}

function kinds() {
  return el(
    "fieldset.field",
    el("legend", t("Who can read it")),
    el(
      "div.choices",
      kind("open", t("Open"), t("Everyone here can find, read and join it.")),
      kind("private", t("Private"), t("Only those who are invited know that it exists.")),
    ),
  );
}

/** @param {string} value @param {string} name @param {string} note */
function kind(value, name, note) {
  const radio = el("input", { type: "radio", name: "kind", value, checked: value === "open" });
  return el("label.choice", radio, el("b", name), el("span", note));
}

/**
 * @param {Room} room
 * @param {Directory} directory
 * @param {(user: string) => Promise<unknown>} invite rejects with a Refusal
 * @param {{ isAdmin?: boolean }} [me] admins can also let people in who have no account yet
 */
export function inviteToRoom(room, directory, invite, { isAdmin = false } = {}) {
  const people = new PeopleField({
    directory,
    label: t("People"),
    room: room.id,
    hint: t("They see {room} with all that was written in it.", { room: isolated(room.name) }),
  });
  const submit = async () => {
    if (!people.ids.length) throw { message: t("Choose somebody first."), field: "user" };
    for (const id of people.ids) {
      await invite(id);
      people.drop(id);
    }
  };
  return formDialog(
    t("Invite to {room}", { room: isolated(room.name) }),
    [people.element, ...(isAdmin ? [toServer()] : [])],
    t("Invite"),
    submit,
  );
}

function toServer() {
  const link = el("a", { href: "/admin/people#invites" }, t("Invite people to this server"));
  return el("p", link);
}

/** @param {Directory} directory @param {(user: string) => unknown} onChoose gets an id */
export function directMessage(directory, onChoose) {
  const choices = (/** @type {FoundPerson[]} */ people) =>
    people.map((person) => directory.personChoice(person, () => onChoose(person.id)));
  const search = new SearchList({
    name: "people",
    label: t("Name or username"),
    placeholder: t("Name or username"),
    listLabel: t("People"),
    none: () => t("Nobody by that name."),
    here: (letters) => ranked(choices(directory.nearby()), letters),
    elsewhere: async (letters) => {
      const people = await directory.people(letters);
      const found = new Set(people.map(({ id }) => id));
      return ranked(choices([...directory.nearby(), ...people]), letters, found);
    },
    onChoose: (choice) => {
      dialog.close();
      choice.go();
    },
  });
  const { dialog, closed } = openDialog(t("Write to someone"), [
    el("div.field.people-field", search.input, search.list, search.status),
  ]);
  search.search();
  return closed;
}
