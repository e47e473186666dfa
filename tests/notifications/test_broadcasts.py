"""To many: acknowledged when one entry is on disk, worked off once, also over a crash."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import pytest

from app.accounts.models import User
from app.errors import Conflict
from app.ids import new_id
from app.notifications.authorized_sender import SendRights
from app.notifications.broadcast_worker import BroadcastWorker
from app.notifications.feature import Notifications
from app.notifications.inbox_changes import InboxChanges
from app.notifications.models import BROADCASTS, Notice, notification_id
from app.notifications.preferences import PreferenceBook
from app.notifications.sender import AT_ONCE, submit_all
from app.notifications.store import CursorStore, InboxStore, PreferenceStore
from app.storage.mongo import Database
from app.streams.log import Log
from app.streams.models import Change, Committed
from app.times import now
from tests.chat.house import House, settings_of
from tests.harness.services import Services, open_services
from tests.harness.waiting import eventually
from tests.notifications.inboxes import Inboxes

NEWS = Notice(title="News", category="announcement")


async def settle_people(database: Database, many: int) -> list[str]:
    """Accounts without the wait for their passwords' hashes; their ids."""
    people = [
        {
            "_id": new_id(),
            "username": f"person-{n}",
            "name": f"Person {n}",
            "role": "member",
            "time_zone": "UTC",
            "password": None,
            "disabled": False,
            "deleted": False,
            "created": now(),
            "rev": 1,
        }
        for n in range(many)
    ]
    await database.collection("users").insert_many(people)
    return [str(person["_id"]) for person in people]


async def told(database: Database, title: str = "News") -> int:
    """How many inboxes hold it."""
    query = {"stream": {"$regex": "^inbox:"}, "kind": "item", "body.title": title}
    count: int = await database.collection("entries").count_documents(query)
    return count


async def reaches(
    database: Database, many: int, *, title: str = "News", within_s: float = 30
) -> None:
    async def has() -> bool:
        return await told(database, title) == many

    await eventually(has, f"{many} have it", within_s)


class Stopping:
    """A committer that stops answering after some notifications, like a process that dies."""

    def __init__(self, services: Services, after: int) -> None:
        self._committer = services.committer
        self._left = after
        self.is_dead = asyncio.Event()

    async def submit(self, change: Change) -> Committed:
        if self._left <= 0:
            self.is_dead.set()
            await asyncio.Event().wait()
        self._left -= 1
        return await self._committer.submit(change)


@asynccontextmanager
async def another_worker(services: Services, committer: Any) -> AsyncIterator[BroadcastWorker]:
    """One as a process of its own would have it, running."""
    database, users = services.database, services.users
    book = PreferenceBook(PreferenceStore(database), users, now)
    changes = InboxChanges(book, InboxStore(database), users, new_id, now)
    cursor = CursorStore(database, BROADCASTS)
    senders = SendRights(users, services.tokens.caller_of)
    broadcast_worker = BroadcastWorker(
        Log(database), services.hub, committer, cursor, changes, senders.may_send
    )
    task = asyncio.create_task(broadcast_worker.run())
    try:
        yield broadcast_worker
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


@pytest.fixture
def idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server itself works nothing off."""

    async def starts_nothing(_: Notifications) -> None:
        pass

    monkeypatch.setattr(Notifications, "start", starts_nothing)


async def test_everyone_has_it_once(
    inboxes: Inboxes, database: Database, ana: User, ben: User
) -> None:
    people = await settle_people(database, 300)
    device = await inboxes.opens(ben)
    sent = await inboxes.sender.send_to_all(NEWS, "key:1", ana.id)
    assert len(sent.ids) == len(set(sent.ids)) == len(people) + 2
    await device.sees("News")
    await reaches(database, len(people) + 2)
    again = await inboxes.sender.send_to_all(NEWS, "key:1", ana.id)
    assert again.is_repeat
    assert again.ids == sent.ids


async def test_a_repeat_is_for_those_of_the_first(
    inboxes: Inboxes, database: Database, ana: User
) -> None:
    first = await inboxes.sender.send_to_all(NEWS, "key:1", ana.id)
    await settle_people(database, 3)
    assert (await inboxes.sender.send_to_all(NEWS, "key:1", ana.id)).ids == first.ids
    with pytest.raises(Conflict):
        await inboxes.sender.send_to_all(Notice(title="Other"), "key:1", ana.id)


async def test_the_disabled_are_left_out(
    house: House, inboxes: Inboxes, database: Database, ana: User, ben: User, cleo: User
) -> None:
    await house.services.accounts.disabling.disable(cleo.id)
    assert len((await inboxes.sender.send_to_all(NEWS)).ids) == 2


async def test_who_does_not_want_it_has_none(
    house: House, inboxes: Inboxes, database: Database, ben: User
) -> None:
    people = await settle_people(database, 30)
    off = {"categories": {"announcement": "off"}}
    assert (await inboxes.http("PUT", "/api/notifications/preferences", ben, json=off))[0] == 200
    await inboxes.sender.send([*people, ben.id], NEWS)
    await reaches(database, 30)
    assert await inboxes.counted(ben) == 0


@pytest.mark.usefixtures("idle")
async def test_one_that_died_midway_is_taken_up(
    house: House, inboxes: Inboxes, database: Database
) -> None:
    people = await settle_people(database, 2_000)
    sent = await inboxes.sender.send(people, NEWS)
    dying = Stopping(house.services, after=1_450)
    async with another_worker(house.services, dying):
        await asyncio.wait_for(dying.is_dead.wait(), 20)
    await reaches(database, 1_450)
    assert await CursorStore(database, BROADCASTS).read() == (0, 1_000)
    async with another_worker(house.services, house.services.committer):
        await reaches(database, 2_000)
        await eventually(lambda: _is_done(database, 1), "the cursor moved on")
    stored = database.collection("entries").find({"body.title": "News"}, {"_id": 1})
    assert {d["_id"] async for d in stored} == set(sent.ids)


@pytest.mark.usefixtures("idle")
@pytest.mark.parametrize("how", ["demoted", "disabled", "token revoked", "signed in"])
async def test_a_dismissed_senders_announcement_reaches_nobody_else(
    house: House, inboxes: Inboxes, database: Database, ana: User, cleo: User, how: str
) -> None:
    """Asked at each portion of 100; one of a session asks for the person's role."""
    accounts = house.services.accounts
    await accounts.roles.appoint(cleo.id, "admin")
    people = await settle_people(database, 300)
    if how == "signed in":
        await inboxes.sender.send(people, NEWS, by=cleo.id)
    else:
        token = await accounts.tokens.create(cleo.id, ["notifications:send"], by=cleo.id)
        asked = {"title": "News", "category": "announcement", "user_ids": people}
        assert (await inboxes.http("POST", "/api/notifications", token, json=asked))[0] == 201
    dying = Stopping(house.services, after=100)
    async with another_worker(house.services, dying):
        await asyncio.wait_for(dying.is_dead.wait(), 20)
    if how == "disabled":
        await accounts.disabling.disable(cleo.id)
    elif how == "token revoked":
        [held] = await accounts.tokens.of(cleo.id)
        await accounts.tokens.revoke(cleo.id, held.id)
    else:
        await accounts.roles.appoint(cleo.id, "member")
    async with another_worker(house.services, house.services.committer):
        await eventually(lambda: _is_done(database, 1), "it is over")
    assert await told(database) == 100


async def _is_done(database: Database, rev: int) -> bool:
    return await CursorStore(database, BROADCASTS).read() == (rev, 0)


async def test_two_nodes_work_it_off_once(
    house: House, inboxes: Inboxes, database: Database, ben: User
) -> None:
    people = await settle_people(database, 500)
    async with open_services(settings_of({}), database) as other:
        device = await inboxes.opens(ben)
        await asyncio.gather(
            inboxes.sender.send([*people, ben.id], NEWS),
            other.notifications.sender.send([*people, ben.id], Notice(title="From there")),
        )
        await reaches(database, 501)
        await reaches(database, 501, title="From there")
        await device.sees("News")
        await device.sees("From there")
        await eventually(lambda: _is_done(database, 2), "the cursor moved on")
    assert [await told(database), await told(database, "From there")] == [501, 501]
    assert device.wrong_counts == []


@pytest.mark.usefixtures("idle")
async def test_three_nodes_work_it_off_once_when_one_dies_in_the_middle(
    house: House, inboxes: Inboxes, database: Database
) -> None:
    people = await settle_people(database, 1_000)
    dying = Stopping(house.services, after=350)
    async with (
        another_worker(house.services, dying),
        another_worker(house.services, house.services.committer),
        another_worker(house.services, house.services.committer),
    ):
        sent = await inboxes.sender.send(people, NEWS)
        await asyncio.wait_for(dying.is_dead.wait(), 20)
        await reaches(database, 1_000)
        await eventually(lambda: _is_done(database, 1), "the cursor moved on")
    stored = database.collection("entries").find({"body.title": "News"}, {"_id": 1})
    assert sorted([d["_id"] async for d in stored]) == sorted(sent.ids)


@pytest.mark.usefixtures("idle")
async def test_a_small_send_under_a_key_is_there_with_its_answer(
    inboxes: Inboxes, ana: User, ben: User
) -> None:
    sent = await inboxes.sender.send([ben.id], NEWS, "key:1", ana.id)
    assert sent.ids == [notification_id("key:1", ben.id, ana.id)]
    assert await inboxes.counted(ben) == 1


async def test_changes_for_many_are_one_broadcast(
    inboxes: Inboxes, database: Database, ana: User
) -> None:
    """Each way, so that the cause of a notice is not committed with a change for each of many."""
    few = await settle_people(database, AT_ONCE)
    many = [*few, ana.id]
    sender = inboxes.sender
    committer = inboxes.house.services.committer

    notices = {
        name: await sender.additions(to, NEWS, name) for name, to in [("f", few), ("m", many)]
    }
    assert [len({change.stream for change in notices[name]}) for name in "fm"] == [AT_ONCE, 1]
    await submit_all(committer, [*notices["f"], *notices["m"]])
    await reaches(database, len(few) + len(many))

    taken_back = {
        name: await sender.withdrawals(to, name) for name, to in [("f", few), ("m", many)]
    }
    assert [len({change.stream for change in taken_back[name]}) for name in "fm"] == [AT_ONCE, 1]
    assert notices["m"][0].stream == taken_back["m"][0].stream == BROADCASTS
    await submit_all(committer, [*taken_back["f"], *taken_back["m"]])
    await reaches(database, 0)


@pytest.mark.parametrize(
    ("many", "most_mb"), [(2_000, 5), pytest.param(10_000, 24, marks=pytest.mark.slow)]
)
async def test_thousands_in_bounded_memory(
    inboxes: Inboxes, database: Database, ana: User, ben: User, many: int, most_mb: int
) -> None:
    people = await settle_people(database, many)
    device = await inboxes.opens(ben)
    tracemalloc.start()
    try:
        status, answer = await inboxes.http(
            "POST", "/api/notifications", ana, json={"title": "News", "user_ids": people}
        )
        assert status == 201
        assert len(answer["ids"]) == many
        tracemalloc.reset_peak()
        before, _ = tracemalloc.get_traced_memory()
        # Small ones overtake: this one does not wait for the thousands.
        await inboxes.sender.send([ben.id], Notice(title="small"))
        await device.sees("small")
        assert await told(database) < many
        await reaches(database, many, within_s=90)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # The entry itself with its ids, heads of the inboxes, and one chunk of notifications.
    assert peak - before < most_mb * 1_048_576
