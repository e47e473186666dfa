import assert from "node:assert/strict";
import { test } from "node:test";
import { withNames } from "../../../../static/js/chat/members/current_names.js";
import { OpenRoom } from "../../../../static/js/chat/rooms/open_room.js";
import { RoomList } from "../../../../static/js/chat/rooms/room_list.js";
import { ana, ben, message, room } from "../../fakes.js";

const mention = (/** @type {string} */ id, /** @type {string} */ name) =>
  `<span class="mention" data-user="${id}">@${name}</span>`;

test("a new name is shown as the author's and where a message mentions them, as text", () => {
  const html = `<p>${mention(ben.id, "Ben")} and ${mention("@here", "here")}</p>`;
  const shown = withNames(message(1, { html }), new Map([[ben.id, "<B> & co"]]));
  assert.equal(shown.by.name, "<B> & co");
  assert.equal(
    shown.html,
    `<p>${mention(ben.id, "&lt;B&gt; &amp; co")} and ${mention("@here", "here")}</p>`,
  );
  const other = message(2, { html });
  assert.equal(withNames(other, new Map([[ana.id, "Anna"]])), other);
});

test("an open room shows new names in what it holds, when told of them and when it is joined anew", () => {
  const open = new OpenRoom(room());
  let changes = 0;
  open.on("changed", () => {
    changes += 1;
  });
  const member = {
    ...ben,
    role: /** @type {const} */ ("member"),
    state: /** @type {const} */ ("online"),
  };
  const about = { room: room(), members: [member], reads: {}, last_read: 0 };
  open.load({ rev: 1, items: [message(1)], older: false, ...about });
  open.renamed(new Map([[ben.id, "Benjamin"]]));
  assert.equal(changes, 1);
  assert.equal(open.stream.items.get("m-1")?.by.name, "Benjamin");
  assert.equal(open.members[0]?.name, "Benjamin");
  open.load({
    rev: 1,
    items: [message(1)],
    older: false,
    ...about,
    members: [{ ...member, name: "Benny" }],
  });
  assert.equal(open.stream.items.get("m-1")?.by.name, "Benny");
});

test("a direct conversation is called as the other person is", () => {
  const rooms = new RoomList();
  rooms.reset([room({ kind: "direct", name: "Ben", with: ben }), room({ id: "r-2", name: "Ben" })]);
  rooms.renamed(new Map([[ben.id, "Benjamin"]]));
  assert.equal(rooms.find("r-1")?.name, "Benjamin");
  assert.equal(rooms.find("r-1")?.with?.name, "Benjamin");
  assert.equal(rooms.find("r-2")?.name, "Ben");
});
