"""Rooms and who may do what in them."""

import pytest

from tests.chat.house import House, Member, soon
from tests.harness.services import open_services


async def workshop(owner: Member, *members: Member, kind: str = "private") -> str:
    """The id of a new room called Workshop."""
    made = await owner.does(
        "room:create", name="Workshop", kind=kind, members=[m.user.username for m in members]
    )
    return str(made["room"]["id"])


async def test_created_room_is_listed_and_announced_to_its_members(
    ana: Member, ben: Member
) -> None:
    made = await ana.does("room:create", name="Wood  Shop", kind="private", members=[ben.id])
    room = made["room"]
    assert (room["name"], room["kind"]) == ("Wood Shop", "private")
    assert room["owner"] == ana.id
    await ben.hears("room:updated", lambda told: told["room"]["id"] == room["id"])
    assert room["slug"] in [r["slug"] for r in (await ben.does("rooms:list"))["rooms"]]


@pytest.mark.parametrize("name", ["", "  ", "x" * 81, "a\0b", "\u200b", "a\u200bb"])
async def test_name_that_cannot_be_shown_is_invalid(ana: Member, name: str) -> None:
    refused = await ana.call("room:create", name=name)
    assert (refused["error"]["code"], refused["error"]["field"]) == ("invalid", "name")


async def test_topic_that_shows_nothing_is_invalid(ana: Member) -> None:
    refused = await ana.call("room:update", room="hallway", topic="\u200b\u2800")
    assert (refused["error"]["code"], refused["error"]["field"]) == ("invalid", "topic")
    await ana.does("room:update", room="hallway", topic="")


async def test_room_cannot_take_the_address_of_another(ana: Member, ben: Member) -> None:
    """Otherwise messages for the private room would go to the open one."""
    private = await workshop(ana)
    made = await ben.does("room:create", name=private, kind="open")
    assert made["room"]["slug"] != private
    assert await ben.fails("room:join", room=private) == "not_found"


OUTSIDE = [
    ("room:join", {}),
    ("room:leave", {}),
    ("room:sync", {"cursor": 0}),
    ("room:history", {"before": 100, "limit": 10}),
    ("room:read", {"seq": 1}),
    ("message:send", {"text": "let me in", "client_id": "x"}),
    ("message:edit", {"id": "ITEM", "text": "mine now"}),
    ("message:delete", {"id": "ITEM"}),
    ("reaction:add", {"id": "ITEM", "emoji": "👍"}),
    ("reaction:remove", {"id": "ITEM", "emoji": "👍"}),
    ("typing:start", {}),
    ("typing:stop", {}),
    ("room:update", {"name": "Mine"}),
    ("room:archive", {}),
    ("room:invite", {"user": "cleo"}),
    ("room:remove", {"user": "ben"}),
    ("room:quit", {}),
]


async def test_private_room_is_not_found_by_those_outside_admins_too(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    room = await workshop(ben)
    item = (await ben.sends("between us", room=room))["id"]
    slug = (await ben.joins(room))["room"]["slug"]
    for outsider in (ana, cleo):
        for reference in (room, slug):
            for event, fields in OUTSIDE:
                asked = {k: item if v == "ITEM" else v for k, v in fields.items()}
                code = await outsider.fails(event, room=reference, **asked)
                assert code == "not_found", (event, code)
    assert await cleo.does("rooms:browse") == {"ok": True, "rooms": []}


WITHOUT_JOINING = [
    ("message:send", {"text": "hi", "client_id": "x"}),
    ("reaction:add", {"id": "ITEM", "emoji": "👍"}),
    ("typing:start", {}),
    ("room:read", {"seq": 1}),
    ("room:invite", {"user": "cleo"}),
    ("room:quit", {}),
    ("room:update", {"name": "Mine"}),
]


async def test_open_room_is_read_without_joining_but_not_written(ana: Member, ben: Member) -> None:
    room = await workshop(ana, kind="open")
    item = (await ana.sends("welcome all", room=room))["id"]
    assert [r["slug"] for r in (await ben.does("rooms:browse"))["rooms"]] == ["workshop"]
    history = await ben.does("room:history", room=room, before=100, limit=10)
    assert history["items"][-1]["text"] == "welcome all"
    assert (await ben.does("room:sync", room=room, cursor=0))["items"]
    for event, fields in WITHOUT_JOINING:
        asked = {k: item if v == "ITEM" else v for k, v in fields.items()}
        assert await ben.fails(event, room=room, **asked) == "forbidden", event


async def test_joining_an_open_room_makes_a_member_once(
    house: House, ana: Member, ben: Member
) -> None:
    room = await workshop(ana, kind="open")
    laptop = await house.again(ben)
    await soon(ben.joins(room), laptop.joins(room), ben.joins(room))
    await ben.sends("hello", room=room)
    history = await ana.does("room:history", room=room, before=100, limit=10)
    said = [m["system"]["kind"] for m in history["items"] if "system" in m]
    assert said == ["created", "joined"]
    assert (await ben.does("rooms:browse"))["rooms"] == []


async def test_only_owner_or_admin_member_decides(ana: Member, ben: Member, cleo: Member) -> None:
    room = await workshop(ben, ana, cleo)
    assert await cleo.fails("room:update", room=room, name="Cleo's") == "forbidden"
    assert await cleo.fails("room:remove", room=room, user="ben") == "forbidden"
    assert await cleo.fails("room:archive", room=room) == "forbidden"
    await ben.does("room:update", room=room, name="Ben's place", topic="planes")
    await ana.does("room:remove", room=room, user="cleo")
    told = await ana.hears("room:updated", lambda told: told["room"]["topic"] == "planes")
    assert told["room"]["name"] == "Ben's place"


async def test_an_admin_outside_an_open_room_has_no_owners_rights_in_it(
    ana: Member, ben: Member
) -> None:
    await ben.does("room:create", name="Garden")
    sent = await ben.sends("mine", room="garden")
    for event, fields in (
        ("room:update", {"name": "Yard"}),
        ("room:archive", {}),
        ("room:remove", {"user": ben.id}),
        ("message:edit", {"id": sent["id"], "text": "yours", "client_id": "e"}),
        ("message:delete", {"id": sent["id"]}),
    ):
        assert await ana.fails(event, room="garden", **fields) == "forbidden", event


async def test_admin_who_was_demoted_loses_the_right_on_open_connections(
    house: House, ana: Member, ben: Member
) -> None:
    dora = await house.welcomes("dora", role="admin")
    sent = await ben.sends("mine")
    await house.services.accounts.roles.appoint(dora.id, "member")
    assert await dora.fails("message:delete", room="hallway", id=sent["id"]) == "forbidden"
    assert await dora.fails("room:update", room="hallway", topic="x") == "forbidden"


async def test_renamed_person_speaks_under_the_new_name(
    house: House, ana: Member, ben: Member
) -> None:
    await ana.joins()
    await ben.sends("before")
    mention = await ana.sends("thanks @ben")
    await house.services.users.describe(ben.id, name="Benjamin <i>")
    await ben.sends("after")
    assert (await ana.sees("after"))["by"]["name"] == "Benjamin <i>"
    told = await ana.hears("presence", lambda told: any("name" in u for u in told["users"]))
    assert {"id": ben.id, "state": "online", "name": "Benjamin <i>"} in told["users"]
    again = (await ana.joins())["items"]
    assert {m["by"]["name"] for m in again if m["by"]["id"] == ben.id} == {"Benjamin <i>"}
    assert "Benjamin <i> joined" in [m["text"] for m in again]
    (html,) = (m["html"] for m in again if m["id"] == mention["id"])
    assert f'<span class="mention" data-user="{ben.id}">@Benjamin &lt;i&gt;</span>' in html
    await house.services.accounts.disabling.delete(ben.id)
    gone = (await ana.joins())["items"]
    assert "@former member</span>" in next(m["html"] for m in gone if m["id"] == mention["id"])


async def test_deleted_person_is_a_former_member(house: House, ana: Member, ben: Member) -> None:
    await ben.sends("remember me")
    await house.services.accounts.disabling.delete(ben.id)
    await ben.is_cut_off()
    items = (await ana.joins())["items"]
    assert next(m for m in items if m.get("text") == "remember me")["by"]["name"] == "former member"
    assert "former member joined" in [m["text"] for m in items]
    assert "Ben" not in str(items)


async def test_any_member_invites_and_the_invited_finds_nothing_unread(
    ana: Member, ben: Member, cleo: Member
) -> None:
    room = await workshop(ana, ben)
    await ana.sends("long ago", room=room)
    await ben.does("room:invite", room=room, user="cleo")
    told = await cleo.hears("room:updated", lambda told: told["room"]["id"] == room)
    assert told["room"]["unread"] == 0
    again = await ben.does("room:invite", room=room, user="cleo")
    assert again["rev"] == told["room"]["rev"]
    assert (await cleo.joins(room))["items"][-2]["text"] == "long ago"


async def test_a_member_who_quits_is_out_and_others_are_told(ana: Member, ben: Member) -> None:
    await ana.joins()
    await ben.joins()
    await ben.does("room:quit", room="hallway")
    await ben.hears("room:removed")
    left = next(m for m in ana.live() if m.get("system", {}).get("kind") == "left")
    assert left["system"]["user"] == ben.id
    assert await ben.fails("message:send", room="hallway", text="x", client_id="1") == "forbidden"
    assert (await ben.does("rooms:list"))["rooms"] == []


async def test_archived_room_can_be_read_and_nothing_added(ana: Member, ben: Member) -> None:
    room = await workshop(ana, ben, kind="open")
    sent = await ben.sends("the end", room=room)
    await ana.does("room:archive", room=room)
    joined = await ben.joins(room)
    assert joined["room"]["archived"] is True
    assert any(m.get("text") == "the end" for m in joined["items"])
    there = {"room": room, "id": sent["id"]}
    assert await ben.fails("message:send", room=room, text="x", client_id="1") == "forbidden"
    assert await ben.fails("message:edit", **there, text="x") == "forbidden"
    assert await ben.fails("reaction:add", **there, emoji="👍") == "forbidden"
    assert await ana.fails("room:invite", room=room, user="ben") == "forbidden"
    assert await ana.fails("room:update", room=room, name="x") == "forbidden"


@pytest.mark.parametrize("kind", ["open", "private"])
async def test_an_archived_room_is_opened_again_by_its_owner_or_an_admin(
    ana: Member, ben: Member, cleo: Member, kind: str
) -> None:
    room = await workshop(ben, cleo, kind=kind)
    refused = "forbidden" if kind == "open" else "not_found"
    assert await cleo.fails("room:unarchive", room=room) == "forbidden"
    assert await ben.fails("room:unarchive", room=room) == "conflict"
    await ben.does("room:archive", room=room)
    assert await cleo.fails("room:unarchive", room=room) == "forbidden"
    await ben.does("room:unarchive", room=room)
    await cleo.hears("room:updated", lambda told: told["room"]["archived"] is False)
    await cleo.sends("back again", room=room)
    await ben.does("room:archive", room=room)
    if kind == "open":
        await ana.does("room:unarchive", room=room)
        assert "Ana opened the room again" in [m["text"] for m in (await ben.joins(room))["items"]]
    else:
        assert await ana.fails("room:unarchive", room=room) == refused


async def test_a_reopened_room_counts_among_those_of_its_owner(
    ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await workshop(ana, kind="open")
    await ana.does("room:archive", room=first)
    monkeypatch.setattr("app.chat.room_quotas.OWNED_AT_MOST", 1)
    assert await ana.fails("room:unarchive", room=first) == "conflict"


async def test_a_room_is_archived_and_reopened_once_however_often_one_asks(ana: Member) -> None:
    room = await workshop(ana, kind="open")
    for event, kind, refused in (
        ("room:archive", "archived", "forbidden"),
        ("room:unarchive", "unarchived", "conflict"),
    ):
        answers = await soon(*(ana.call(event, room=room) for _ in range(8)))
        codes = [answer["error"]["code"] for answer in answers if not answer["ok"]]
        assert codes == [refused] * 7
        lines = (await ana.does("room:history", room=room, before=100))["items"]
        assert [line["system"]["kind"] for line in lines].count(kind) == 1


async def test_archived_open_room_is_read_without_becoming_a_member(
    ana: Member, ben: Member
) -> None:
    room = await workshop(ana, kind="open")
    await ana.does("room:archive", room=room)
    assert (await ben.joins(room))["room"]["member"] is False
    assert (await ben.does("rooms:browse"))["rooms"] == []


async def test_who_was_let_in_by_another_process_is_in_at_once(
    house: House, ana: Member, ben: Member
) -> None:
    for kind in ("open", "private"):
        made = await ana.does("room:create", name=f"Plans {kind}", kind=kind)
        view = await house.services.chat.views.get(made["room"]["id"])
        assert not view.has(ben.id)
        async with open_services(house.services.settings, house.services.database) as command:
            there = await command.chat.views.get(view.room.id)
            await command.chat.memberships.join(there, ben.user)
            await ben.does("message:send", room=view.room.id, text="thanks for having me")


async def test_direct_conversation_is_one_and_shows_each_the_other(
    ana: Member, ben: Member, cleo: Member
) -> None:
    mine, theirs = await soon(
        ana.does("direct:open", user="ben"), ben.does("direct:open", user=ana.id)
    )
    assert mine["room"]["id"] == theirs["room"]["id"]
    assert (mine["room"]["kind"], mine["room"]["name"]) == ("direct", "Ben")
    assert theirs["room"]["name"] == "Ana"
    assert (
        theirs["room"]["with"].items() >= {"id": ana.id, "username": "ana", "name": "Ana"}.items()
    )
    room = mine["room"]["id"]
    assert await cleo.fails("room:join", room=room) == "not_found"
    for event, fields in (
        ("room:quit", {}),
        ("room:invite", {"user": "cleo"}),
        ("room:remove", {"user": "ben"}),
        ("room:update", {"name": "x"}),
        ("room:archive", {}),
    ):
        assert await ana.fails(event, room=room, **fields) == "forbidden", event


async def test_nobody_talks_to_themselves_or_to_nobody(ana: Member) -> None:
    assert await ana.fails("direct:open", user="ana") == "invalid"
    assert await ana.fails("direct:open", user="nobody") == "not_found"
    assert await ana.fails("room:invite", room="hallway", user="nobody") == "not_found"
