"""Outgoing webhooks deliver the changes of a room or topic: signed, in order, at least once."""

from collections.abc import AsyncIterator
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from app.hooks.models import Held
from app.hooks.store import OutgoingStore
from app.storage.mongo import Database
from app.times import now
from tests.chat.house import House, Member, open_house
from tests.harness.waiting import eventually
from tests.hooks.api_client import ApiClient
from tests.hooks.receiver import Receiver, open_receiver


async def outgoing(api: ApiClient, receiver: Receiver, **place: str) -> dict[str, str]:
    return await api.makes(direction="outgoing", url=receiver.url, **(place or {"room": "hallway"}))


async def test_messages_arrive_signed_and_in_the_shape_of_the_protocol(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    await ana.joins()
    await ana.sends("before")
    hook = await outgoing(api, receiver)
    sent = await ana.sends("hello")
    await receiver.gets(1)
    [delivery] = receiver.taken
    message = await ana.sees("hello")
    assert delivery.content["hook"] == hook["id"]
    assert delivery.content["delivery"] == delivery.id
    assert delivery.content["stream"] == {"room": message["room"]}
    assert (delivery.content["prev"], delivery.content["rev"]) == (sent["rev"] - 1, sent["rev"])
    assert delivery.content["items"] == [message]
    assert delivery.is_signed_with(hook["secret"])
    assert not delivery.is_signed_with("another secret")
    await eventually_worked(api, hook)


async def eventually_off(api: ApiClient, hook: dict[str, str]) -> None:
    async def is_off() -> bool:
        return bool((await api.shown(hook["id"]))["off"])

    await eventually(is_off, "it is turned off")


async def eventually_worked(api: ApiClient, hook: dict[str, str]) -> None:
    async def worked() -> bool:
        return "worked_at" in await api.shown(hook["id"])

    await eventually(worked, "the list says that it worked")


async def test_events_of_a_topic_arrive_too(api: ApiClient, receiver: Receiver) -> None:
    await api.calls("POST", "/api/topics/builds/events", json={"data": 0})
    await outgoing(api, receiver, topic="builds")
    await api.calls("POST", "/api/topics/builds/events", json={"data": {"n": 1}})
    await receiver.gets(1)
    [event] = receiver.items
    assert (event["topic"], event["data"]) == ("builds", {"n": 1})


async def test_what_failed_is_tried_again_as_the_same_delivery_and_nothing_overtakes_it(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    receiver.answers = [500, 404, 307]
    receiver.also = {"Location": "/elsewhere", "Retry-After": "1"}
    hook = await outgoing(api, receiver)
    await ana.sends("first")
    await receiver.is_tried(1)
    for text in ("second", "third"):
        await ana.sends(text)
    await receiver.gets(3)
    first, *again = receiver.tries[:4]
    assert [each.id for each in again] == [first.id] * 3
    assert [each.texts for each in receiver.tries[:4]] == [["first"]] * 4
    assert all(each.is_signed_with(hook["secret"]) for each in receiver.tries)
    assert not receiver.was_elsewhere
    assert [item["text"] for item in receiver.items] == ["first", "second", "third"]
    revs = [(d.content["prev"], d.content["rev"]) for d in receiver.taken]
    assert all(rev == prev for (_, rev), (prev, _) in pairwise(revs))
    await eventually_worked(api, hook)
    assert (await api.shown(hook["id"]))["failures"] == 0


async def test_a_receiver_that_hangs_keeps_nobody_else_waiting(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    await outgoing(api, receiver)
    receiver.may_answer.clear()
    await ana.sends("x")
    await receiver.is_tried(1)
    async with open_receiver() as other:
        await outgoing(api, other)
        await ana.sends("y")
        await other.gets(1)
    assert len(receiver.tries) == 1
    receiver.may_answer.set()
    await receiver.gets(2)


async def test_nobody_at_the_address_is_said_in_words(api: ApiClient, ana: Member) -> None:
    hook = await api.makes(direction="outgoing", room="hallway", url="http://127.0.0.1:1/in")
    await ana.sends("x")

    async def says_so() -> bool:
        return (await api.shown(hook["id"])).get("reason") == "nobody answers at its address"

    await eventually(says_so, "the list says what is wrong")


async def test_large_messages_come_in_several_deliveries(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    receiver.answers = [503]
    await outgoing(api, receiver)
    texts = [f"{n} {'x' * 60_000}" for n in range(8)]
    for text in texts:
        await ana.sends(text)
    await receiver.gets(8)
    assert [item["text"] for item in receiver.items] == texts
    assert len(receiver.taken) > 2
    assert max(len(each.raw) for each in receiver.taken) < 600_000


async def test_an_edit_arrives_as_the_message_with_a_higher_rev(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    await outgoing(api, receiver)
    sent = await ana.sends("wrnog")
    await receiver.gets(1)
    await ana.does("message:edit", room="hallway", id=sent["id"], text="wrong")
    await receiver.gets(2)
    first, second = receiver.items
    assert (first["id"], second["id"], second["text"]) == (sent["id"], sent["id"], "wrong")
    assert second["rev"] > first["rev"]


async def test_a_hook_that_fails_for_three_days_is_off_and_goes_on_where_it_stopped(
    api: ApiClient, ana: Member, receiver: Receiver, database: Database
) -> None:
    hook = await outgoing(api, receiver)
    receiver.answers = [500, 500]
    hooks = database.collection("outgoing_hooks")
    long_ago = {"failing_since": now() - timedelta(days=3, seconds=1), "failures": 60}
    await hooks.update_one({"_id": hook["id"]}, {"$set": long_ago})
    await ana.sends("lost?")
    await eventually_off(api, hook)
    told = await api.shown(hook["id"])
    assert told["reason"] == "it failed for 3 days: status 500"
    await ana.sends("meanwhile")
    receiver.answers = []
    await OutgoingStore(database).switch(hook["id"], off=False)
    await receiver.gets(2)
    assert [item["text"] for item in receiver.items] == ["lost?", "meanwhile"]


async def test_a_receiver_that_is_gone_gets_nothing_more(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    hook = await outgoing(api, receiver)
    receiver.answers = [410]
    await ana.sends("x")
    await eventually_off(api, hook)
    assert len(receiver.tries) == 1


async def test_another_processs_hook_is_left_alone_until_that_is_dead(
    api: ApiClient, ana: Member, receiver: Receiver, database: Database
) -> None:
    hook = await outgoing(api, receiver)
    # A name under which nobody is connected.
    held = {"by": "x", "process": "parley process 0", "until": now() + timedelta(hours=1)}
    await database.collection("outgoing_hooks").update_one(
        {"_id": hook["id"]}, {"$set": {"held": held}}
    )
    await ana.sends("taken over")
    await receiver.gets(1)


async def test_nothing_of_a_private_room_goes_out_once_its_maker_left_it(
    api: ApiClient, ana: Member, ben: Member, receiver: Receiver
) -> None:
    room = (await ben.does("room:create", name="Ours", kind="private"))["room"]["id"]
    asked = {"name": "x", "direction": "outgoing", "room": room, "url": receiver.url}
    assert (await api.calls("POST", "/api/hooks", json=asked))[0] == 404
    await ben.does("room:invite", room=room, user="ana")
    hook = await outgoing(api, receiver, room=room)
    await ben.sends("heard", room)
    await receiver.gets(1)
    await ben.does("room:remove", room=room, user="ana")
    await ben.sends("not heard", room)
    await eventually_off(api, hook)
    assert [t for d in receiver.tries for t in d.texts if t == "not heard"] == []


async def test_deleted_hooks_get_nothing_more(
    api: ApiClient, ana: Member, receiver: Receiver
) -> None:
    first = await outgoing(api, receiver)
    await outgoing(api, receiver)
    await api.calls("DELETE", f"/api/hooks/{first['id']}")
    await ana.sends("x")
    await receiver.gets(1)
    await ana.sends("y")
    await receiver.gets(2)
    assert first["id"] not in {each.content["hook"] for each in receiver.tries}


async def test_members_make_no_outgoing_hook_and_direct_talk_stays_inside(
    api: ApiClient, bens_api: ApiClient, ana: Member, ben: Member, receiver: Receiver
) -> None:
    asked = {"name": "x", "direction": "outgoing", "url": receiver.url}
    status, _ = await bens_api.calls("POST", "/api/hooks", json={**asked, "room": "hallway"})
    assert status == 403
    direct = (await ana.does("direct:open", user="ben"))["room"]["id"]
    assert (await api.calls("POST", "/api/hooks", json={**asked, "room": direct}))[0] == 403
    assert (await api.calls("POST", "/api/hooks", json={**asked, "topic": "none"}))[0] == 404
    await api.calls("POST", "/api/topics", json={"topic": "fleeting", "ephemeral": True})
    assert (await api.calls("POST", "/api/hooks", json={**asked, "topic": "fleeting"}))[0] == 400
    assert (await api.calls("POST", "/api/hooks", json=asked))[0] == 400


@pytest.fixture
async def strict(database: Database) -> AsyncIterator[House]:
    """A house as it is where nobody says anything."""
    async with open_house(database) as opened:
        yield opened


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/in",
        "https://127.0.0.1/in",
        "https://10.0.0.8/in",
        "https://[::1]/in",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/in",
        "https://user:pass@example.org/in",
        "ftp://example.org/in",
        "https://",
        "x",
    ],
)
async def test_addresses_of_ones_own_network_are_refused(strict: House, url: str) -> None:
    await strict.invites("ana", "admin")
    async with ApiClient(strict.address) as api:
        await api.enters("ana")
        asked = {"name": "x", "direction": "outgoing", "room": "hallway", "url": url}
        status, answer = await api.calls("POST", "/api/hooks", json=asked)
    assert (status, answer["error"]["field"]) == (400, "url")


async def test_a_hook_made_before_the_rule_is_not_posted_to(
    strict: House, receiver: Receiver, database: Database
) -> None:
    """The address is looked at for each try, not only when it is made."""
    user = await strict.invites("ana", "admin")
    async with ApiClient(strict.address) as api:
        await api.enters("ana")
        room = await strict.services.chat.views.get("hallway")
        hook = {
            "_id": "0" * 24,
            "name": "x",
            "place": {"kind": "room", "id": room.room.id},
            "by": user.id,
            "created": now(),
            "url": receiver.url,
            "secret": "x",
            "cursor": 0,
            "off": False,
            "failures": 0,
            "reason": "",
        }
        await database.collection("outgoing_hooks").insert_one(hook)

        async def has_failed() -> bool:
            return (await api.shown("0" * 24)).get("reason", "").startswith("its address is not")

        await eventually(has_failed, "it is refused")
    assert receiver.tries == []


async def test_what_is_gone_meanwhile_is_said_and_not_passed_over_in_silence(
    api: ApiClient, receiver: Receiver, database: Database
) -> None:
    await api.calls("POST", "/api/topics/builds/events", json={"data": 0})
    hook = await outgoing(api, receiver, topic="builds")
    store = OutgoingStore(database)
    await store.switch(hook["id"], off=True)
    for n in range(1, 6):
        await api.calls("POST", "/api/topics/builds/events", json={"data": n})
    # As retention does it: what is below is no longer answered for.
    await database.collection("streams").update_one(
        {"_id": "topic:builds"}, {"$set": {"floor": 4}}, upsert=True
    )
    await store.switch(hook["id"], off=False)
    await receiver.is_tried(1)
    await api.calls("POST", "/api/topics/builds/events", json={"data": 6})
    await eventually(
        lambda: bool(receiver.items) and receiver.items[-1]["data"] == 6, "the last one"
    )
    first, *later = receiver.taken
    assert (first.content["prev"], first.content["reset"]) == (0, True)
    assert [item["data"] for item in first.content["items"]][-1] == 5
    assert all("reset" not in each.content for each in later)
    assert later[0].content["prev"] == first.content["rev"]


async def test_a_hook_that_waits_does_not_ask_all_the_time(
    api: ApiClient, ana: Member, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims, claim = 0, OutgoingStore.claim

    async def counted(self: OutgoingStore, *asked: Any) -> Any:
        nonlocal claims
        claims += 1
        return await claim(self, *asked)

    monkeypatch.setattr(OutgoingStore, "claim", counted)
    hook = await outgoing(api, receiver)
    await ana.sends("one")
    await receiver.gets(1)
    before = claims
    for _ in range(50):
        await api.shown(hook["id"])
    assert 0 < before <= claims <= before + 10


async def test_a_delivery_does_not_begin_once_its_hook_has_stopped_or_is_off(
    api: ApiClient, receiver: Receiver, database: Database
) -> None:
    """Between the claim and the post there is a question for rights, and a read."""
    await api.calls("POST", "/api/topics/builds/events", json={"data": 0})
    hook = await outgoing(api, receiver, topic="builds")
    store = OutgoingStore(database)
    held = Held(by="me", process="another", until=now() + timedelta(minutes=1))
    claimed = await store.claim(hook["id"], 2**53, held, now())
    assert claimed is not None
    assert await store.begin(claimed.id, "me", claimed.cursor)
    await store.stop(claimed, "demoted", now())
    assert not await store.begin(claimed.id, "me", claimed.cursor)
    assert await store.claim(claimed.id, 2**53, held, now()) is None
    assert await store.adopt(claimed.id, claimed.by)
    assert await store.begin(claimed.id, "me", claimed.cursor)
    await store.switch(claimed.id, off=True)
    assert not await store.begin(claimed.id, "me", claimed.cursor)
