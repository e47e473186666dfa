"""A webhook may do what its maker may do at that moment, and stops for good when that ends."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.accounts.models import Caller, User
from app.errors import NotFound, ParleyError
from app.hooks.after_restore import stop_restored
from app.hooks.models import IncomingHook, NewHook, OutgoingHook, Place
from app.hooks.rights import Rights
from app.hooks.store import OutgoingStore
from app.storage.mongo import Database
from app.streams.committer import Committer
from app.streams.models import Change
from app.times import now
from app.topics.models import Create
from tests.admin.browser import Browser, rows
from tests.chat.house import House, Member, open_house
from tests.harness.waiting import eventually
from tests.hooks.api_client import ApiClient
from tests.hooks.receiver import Receiver

PAGE = "/admin/hooks"


@pytest.fixture
async def cleo(house: House, ana: Member) -> Member:
    """The second admin, who makes webhooks and then loses rights."""
    return await house.welcomes("cleo", "admin")


@pytest.fixture
async def cleos(house: House, cleo: Member) -> AsyncIterator[ApiClient]:
    async with ApiClient(house.address) as api:
        yield await api.enters("cleo")


async def room_of(owner: Member, name: str, kind: str = "private") -> str:
    made: str = (await owner.does("room:create", name=name, kind=kind))["room"]["id"]
    return made


async def loses(house: House, user: User, loss: str) -> None:
    """As a page of admins or the command line does it."""
    accounts = house.services.accounts
    if loss == "demoted":
        await accounts.roles.appoint(user.id, "member")
    else:
        disabling = accounts.disabling
        await (disabling.disable if loss == "disabled" else disabling.delete)(user.id)


async def gets_back(house: House, user: User, loss: str) -> None:
    accounts = house.services.accounts
    if loss == "demoted":
        await accounts.roles.appoint(user.id, "admin")
    elif loss == "disabled":
        await accounts.disabling.enable(user.id)


@pytest.mark.parametrize("loss", ["demoted", "disabled", "deleted"])
async def test_all_hooks_of_a_person_stop_with_their_rights_and_wait_to_be_adopted(
    house: House,
    api: ApiClient,
    cleo: Member,
    cleos: ApiClient,
    browser: Browser,
    database: Database,
    receiver: Receiver,
    loss: str,
) -> None:
    private = await room_of(cleo, "Plan X")
    await api.calls("POST", "/api/topics", json={"topic": "ops", "publish": "admins"})
    inside = await cleos.makes(name="Inside", direction="incoming", room=private)
    event = await cleos.makes(name="Events", direction="incoming", topic="ops")
    copy = await cleos.makes(name="Copy", direction="outgoing", topic="ops", url=receiver.url)
    key = {"Idempotency-Key": "once"}
    assert (await api.posts(inside, text="@everyone hello", headers=key))[0] == 200
    assert (await api.posts(event, json={"n": 1}))[0] == 200
    await receiver.gets(1)

    await loses(house, cleo.user, loss)
    # Also a repeat, and also once the right is back.
    for _ in range(2):
        status, answer = await api.posts(inside, text="@everyone hello", headers=key)
        assert (status, answer["error"]["code"]) == (403, "forbidden")
        assert "has stopped" in answer["error"]["message"]
        assert (await api.posts(event, json={"n": 2}))[0] == 403
        await gets_back(house, cleo.user, loss)
    await api.calls("POST", "/api/topics/ops/events", json={"data": "unseen"})

    told = await api.shown(event["id"])
    assert (told["stopped"], told["off"]) == (loss, True)
    assert "stopped_at" in told
    _, page = await browser.opens(PAGE)
    assert "3 webhooks have stopped" in page
    assert "plan-x" not in page
    assert "Plan X" not in page
    by_name = {row.partition(" ")[0]: row for row in rows(page)}
    assert set(by_name) == {"Inside", "Events", "Copy"}
    assert f"{'an admin' if loss == 'demoted' else loss}." in by_name["Events"]
    assert "in the room can adopt it" in by_name["Inside"]

    # Turning on is no way around it, and an admin outside the private room adopts nothing in it.
    status, page = await browser.sends(f"{PAGE}/switch", id=event["id"])
    assert (status, "Adopt it first" in page) == (409, True)
    status, page = await browser.sends(f"{PAGE}/adopt", id=inside["id"])
    assert (status, "plan-x" in page) == (404, False)
    assert (await api.calls("POST", f"/api/hooks/{inside['id']}/adopt"))[0] == 404
    assert receiver.items[1:] == []

    assert (await api.calls("POST", f"/api/hooks/{event['id']}/adopt"))[0] == 200
    assert (await api.calls("POST", f"/api/hooks/{event['id']}/adopt"))[0] == 409
    assert await browser.sends(f"{PAGE}/adopt", id=copy["id"]) == (303, f"{PAGE}?done=adopted")
    assert (await api.posts(event, json={"n": 3}))[0] == 200
    # It goes on where it stopped.
    await receiver.gets(3)
    assert [item["data"] for item in receiver.items] == [{"n": 1}, "unseen", {"n": 3}]
    ana = await house.services.users.find("ana")
    for hook in (event, copy):
        told = await api.shown(hook["id"])
        assert (told["by"], told["off"], "stopped" in told) == (ana.id, False, False)
    assert (await api.calls("DELETE", f"/api/hooks/{inside['id']}"))[0] == 200
    kept = database.collection("audit").find({"kind": "hook_adopted", "allowed": True})
    assert {entry["about"] async for entry in kept} == {event["id"], copy["id"]}


async def test_a_delivery_that_failed_is_not_tried_again_once_its_maker_is_demoted(
    house: House, api: ApiClient, ana: Member, cleo: Member, cleos: ApiClient, receiver: Receiver
) -> None:
    hook = await cleos.makes(direction="outgoing", room="hallway", url=receiver.url)
    receiver.answers = [500]
    receiver.may_answer.clear()
    await ana.sends("x")
    await receiver.is_tried(1)
    await loses(house, cleo.user, "demoted")
    receiver.may_answer.set()

    async def has_failed() -> bool:
        return bool((await api.shown(hook["id"]))["failures"])

    await eventually(has_failed, "the failure is noted")
    # The time of the next try comes and goes.
    second = await api.makes(direction="outgoing", room="hallway", url=receiver.url)
    await ana.sends("y")
    await eventually(lambda: second["id"] in _hooks_of(receiver), "another hook delivers")
    await eventually(lambda: _is_due(house, hook["id"]), "the next try is due")
    assert [each.content["hook"] for each in receiver.tries].count(hook["id"]) == 1
    assert (await api.calls("POST", f"/api/hooks/{hook['id']}/adopt"))[0] == 200
    await eventually(lambda: hook["id"] in _hooks_of(receiver), "it goes on")


def _hooks_of(receiver: Receiver) -> set[str]:
    return {delivery.content["hook"] for delivery in receiver.taken}


async def _is_due(house: House, hook_id: str) -> bool:
    found = await house.services.database.collection("outgoing_hooks").find_one({"_id": hook_id})
    return found is not None and found["retry_at"] < now()


async def test_what_a_person_made_in_a_room_stops_when_they_are_removed_from_it(
    api: ApiClient, ben: Member, cleo: Member, cleos: ApiClient, receiver: Receiver
) -> None:
    room = await room_of(ben, "Ours")
    await ben.does("room:invite", room=room, user="cleo")
    incoming = await cleos.makes(direction="incoming", room=room)
    outgoing = await cleos.makes(direction="outgoing", room=room, url=receiver.url)
    await ben.does("room:remove", room=room, user="cleo")
    # Nothing was posted meanwhile, and being back changes nothing.
    await ben.does("room:invite", room=room, user="cleo")
    assert (await api.posts(incoming, text="x"))[0] == 403
    for hook in (incoming, outgoing):
        assert (await cleos.shown(hook["id"]))["stopped"] == "outside"
        # The maker could make it again, so they may adopt it themselves.
        assert (await cleos.calls("POST", f"/api/hooks/{hook['id']}/adopt"))[0] == 200
    assert (await api.posts(incoming, text="again"))[0] == 200
    await eventually(lambda: _texts_of(receiver)[-1:] == ["again"], "the copy goes on")


def _texts_of(receiver: Receiver) -> list[str]:
    return [item["text"] for item in receiver.items if "system" not in item]


async def test_leaving_an_open_room_ends_writing_in_it_and_not_reading(
    api: ApiClient, cleo: Member, cleos: ApiClient, receiver: Receiver
) -> None:
    incoming = await cleos.makes(direction="incoming", room="hallway")
    outgoing = await cleos.makes(direction="outgoing", room="hallway", url=receiver.url)
    await cleo.does("room:quit", room="hallway")
    assert (await api.posts(incoming, text="x"))[0] == 403
    await eventually(lambda: "left" in str(receiver.items), "what can be read is delivered")
    assert not (await api.shown(outgoing["id"]))["off"]


async def test_a_members_hook_ends_with_their_membership_and_a_demoted_owner_adopts_theirs(
    house: House, api: ApiClient, ben: Member, bens_api: ApiClient
) -> None:
    room = await room_of(ben, "Ben's")
    hook = await bens_api.makes(direction="incoming", room=room)
    await house.services.accounts.roles.appoint(ben.id, "member")  # It changes nothing.
    assert (await bens_api.posts(hook, text="@everyone here"))[0] == 200
    await loses(house, ben.user, "disabled")
    assert (await bens_api.posts(hook, text="x"))[0] == 403
    await house.services.accounts.disabling.enable(ben.id)
    bens_api.forgets()
    await bens_api.enters("ben")
    assert (await bens_api.posts(hook, text="x"))[0] == 403
    assert (await api.calls("POST", f"/api/hooks/{hook['id']}/adopt"))[0] == 404
    assert (await bens_api.calls("POST", f"/api/hooks/{hook['id']}/adopt"))[0] == 200
    assert (await bens_api.posts(hook, text="x"))[0] == 200


async def test_another_node_takes_nothing_for_a_person_who_was_disabled_here(
    house: House, database: Database, api: ApiClient, cleo: Member, cleos: ApiClient
) -> None:
    hook = await cleos.makes(direction="incoming", topic="ops")
    async with open_house(database) as elsewhere, ApiClient(elsewhere.address) as there:
        assert (await there.posts(hook, json={"n": 1}))[0] == 200
        await loses(house, cleo.user, "disabled")
        assert (await there.posts(hook, json={"n": 2}))[0] == 403


async def test_a_right_that_was_lost_unseen_is_missed_at_the_next_use(
    api: ApiClient, cleo: Member, cleos: ApiClient, database: Database
) -> None:
    hook = await cleos.makes(direction="incoming", topic="ops")
    # Nothing tells this process of it.
    await database.collection("users").update_one({"_id": cleo.id}, {"$set": {"disabled": True}})
    assert (await api.shown(hook["id"]))["off"] is False
    assert (await api.posts(hook, json={}))[0] == 403
    assert (await api.shown(hook["id"]))["stopped"] == "disabled"


async def test_a_server_that_starts_stops_what_acts_without_a_right(database: Database) -> None:
    async with open_house(database) as before, ApiClient(before.address) as cleos:
        await before.invites("ana", "admin")
        cleo = await before.invites("cleo", "admin")
        await (await cleos.enters("cleo")).makes(direction="incoming", topic="ops")
        copy = _hook(cleo, Place(kind="topic", id="ops"), "https://a.example/in")
        assert isinstance(copy, OutgoingHook)
        await OutgoingStore(database).insert(copy)
        await before.services.users.change(cleo.id, {"role": "member"})
    async with open_house(database) as after, ApiClient(after.address) as api:
        await api.enters("ana")

        async def all_stopped() -> bool:
            _, listed = await api.calls("GET", "/api/hooks")
            return [each.get("stopped") for each in listed["items"]] == ["demoted", "demoted"]

        await eventually(all_stopped, "both stop")


async def test_a_restored_hook_waits_to_be_adopted(
    api: ApiClient, ana: Member, database: Database, receiver: Receiver
) -> None:
    """One that was deleted after the backup was made must not come back by itself."""
    incoming = await api.makes(direction="incoming", room="hallway")
    outgoing = await api.makes(direction="outgoing", room="hallway", url=receiver.url)
    # The loaded collections stand beside the present ones under a prefix; here it is empty.
    await stop_restored(database, "")
    assert (await api.posts(incoming, text="x"))[0] == 403
    await ana.sends("kept")
    for hook in (incoming, outgoing):
        assert (await api.shown(hook["id"]))["stopped"] == "restored"
        assert (await api.calls("POST", f"/api/hooks/{hook['id']}/adopt"))[0] == 200
    assert (await api.posts(incoming, text="y"))[0] == 200
    await eventually(lambda: _texts_of(receiver) == ["kept", "y"], "it goes on where it stopped")


async def test_an_admin_outside_a_private_room_sends_no_test_into_it(
    api: ApiClient, ben: Member, bens_api: ApiClient, browser: Browser
) -> None:
    room = await room_of(ben, "Plan X")
    await ben.joins(room)
    hook = await bens_api.makes(direction="incoming", room=room)
    _, page = await browser.opens(PAGE)
    assert "a private room" in rows(page)[0]
    assert "Send a test" not in page
    for action, off in (("test", ""), ("switch", "1"), ("switch", "")):
        _, page = await browser.sends(f"{PAGE}/{action}", id=hook["id"], off=off)
        assert "plan-x" not in page.lower().replace(" ", "-")
    assert (await browser.sends(f"{PAGE}/test", id=hook["id"]))[0] == 404
    await bens_api.posts(hook, text="the last")
    await ben.sees("the last")
    assert ben.texts() == ["the last"]


async def test_a_test_is_refused_for_a_hook_that_is_off_or_has_stopped(
    house: House,
    api: ApiClient,
    ana: Member,
    cleo: Member,
    cleos: ApiClient,
    browser: Browser,
    receiver: Receiver,
) -> None:
    hooks = [
        await api.makes(direction="incoming", room="hallway"),
        await api.makes(direction="outgoing", room="hallway", url=receiver.url),
        await cleos.makes(direction="incoming", room="hallway"),
        await cleos.makes(direction="outgoing", room="hallway", url=receiver.url),
    ]
    for hook in hooks[:2]:
        await browser.sends(f"{PAGE}/switch", id=hook["id"], off="1")
    await house.services.users.change(cleo.id, {"disabled": True})
    statuses = [(await browser.sends(f"{PAGE}/test", id=hook["id"]))[0] for hook in hooks]
    assert statuses == [409, 409, 403, 403]
    assert receiver.tries == []
    assert (await api.shown(hooks[3]["id"]))["stopped"] == "disabled"


async def test_a_post_that_waits_is_refused_when_its_maker_is_removed(
    api: ApiClient, ben: Member, bens_api: ApiClient, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = await room_of(ben, "Ben's")
    hook = await bens_api.makes(direction="incoming", room=room)
    taken: list[Change] = []
    take = Committer.take

    def noted(self: Committer, change: Change) -> Any:
        taken.append(change)
        return take(self, change)

    monkeypatch.setattr(Committer, "take", noted)
    assert (await bens_api.posts(hook, text="x"))[0] == 200
    [change] = taken
    assert change.guard is not None
    change.guard()
    await ben.does("room:quit", room=room)
    with pytest.raises(NotFound):
        change.guard()


async def test_a_topic_is_made_in_the_name_of_the_hooks_maker(
    house: House, api: ApiClient, cleo: Member, cleos: ApiClient
) -> None:
    hook = await cleos.makes(direction="incoming", topic="made.by.hook")
    assert (await api.posts(hook, json={"n": 1}))[0] == 200
    topic = await house.services.topics.directory.get("made.by.hook")
    assert topic.creator == cleo.id


async def test_making_and_using_a_hook_need_the_same_rights(
    house: House, ana: Member, ben: Member, cleo: Member
) -> None:
    """Each person, with each kind of hook, in each kind of place."""
    services = house.services
    dora = await house.invites("dora")
    rooms = [
        await room_of(ben, "Private of Ben"),
        await room_of(ben, "Open of Ben", "open"),
        await room_of(cleo, "Private of Cleo"),
        await room_of(cleo, "Open of Cleo", "open"),
    ]
    await ben.does("room:invite", room=rooms[0], user="dora")
    await ben.does("room:invite", room=rooms[0], user="ana")
    places = [Place(kind="room", id=room) for room in rooms]
    places.append(Place(kind="topic", id="ops"))
    await services.topics.directory.create(Caller(user=ana.user), Create(topic="ops"))
    rights = Rights(services.chat.access, services.topics.directory, services.users)
    agreed = []
    for user in (ana.user, ben.user, cleo.user, dora):
        for place in places:
            for url in (None, "https://a.example/in"):
                may_use = isinstance(await rights.maker_of(_hook(user, place, url)), User)
                assert may_use == await _may_make(rights, user, place, url), (user.name, place, url)
                agreed.append(may_use)
    assert {True, False} == set(agreed)


def _hook(user: User, place: Place, url: str | None) -> IncomingHook | OutgoingHook:
    if url is None:
        return IncomingHook(id="h", name="x", place=place, by=user.id, created=now())
    return OutgoingHook(
        id="h", name="x", place=place, by=user.id, created=now(), url=url, secret="x", cursor=0
    )


async def _may_make(rights: Rights, user: User, place: Place, url: str | None) -> bool:
    direction = "incoming" if url is None else "outgoing"
    room, topic = (place.id, None) if place.kind == "room" else (None, place.id)
    asked = NewHook(direction=direction, name="x", room=room, topic=topic, url=url)
    try:
        await rights.place_for(user, asked)
    except ParleyError:
        return False
    return True
