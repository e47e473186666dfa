"""Notifications read long ago are deleted, unread ones stay, and no cursor finds a hole."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest

from app.accounts.models import User
from app.notifications.models import BROADCASTS, Notice, inbox_of
from app.notifications.retention import Retention
from app.notifications.store import CursorStore, InboxStore
from app.storage.mongo import Database
from app.streams.log import Log
from app.streams.retention_floors import Floors
from app.times import now
from tests.chat.house import House
from tests.notifications.inboxes import Device, Inboxes

DAY_S = 86_400.0


class Later:
    """The clock of a retention that runs in the future."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return now() + self.ahead


@pytest.fixture
def later() -> Later:
    return Later()


@pytest.fixture
def retention(database: Database, house: House, later: Later) -> Retention:
    return Retention(
        InboxStore(database),
        CursorStore(database, BROADCASTS),
        Floors(database),
        Log(database),
        later,
        90 * DAY_S,
    )


async def entries(database: Database, user: User) -> list[tuple[str, Any]]:
    found = database.collection("entries").find({"stream": inbox_of(user.id)}).sort("rev", 1)
    return [(e["kind"], e.get("body", {}).get("title")) async for e in found]


async def fill(inboxes: Inboxes, ben: User) -> Device:
    """Three, of which the first was read before the others came, and the second is unread."""
    device = await inboxes.opens(ben)
    for title in ("old", "unread", "last"):
        sent = await inboxes.sender.send([ben.id], Notice(title=title))
        if title != "unread":
            await device.does("notification:read", ids=sent.ids)
    return device


async def test_nothing_goes_before_its_time(
    inboxes: Inboxes, database: Database, retention: Retention, later: Later, ben: User
) -> None:
    await fill(inboxes, ben)
    later.ahead = timedelta(days=89)
    await retention.round()
    later.ahead += timedelta(minutes=11)
    await retention.round()
    assert len(await entries(database, ben)) == 5


async def test_the_read_go_ten_minutes_after_the_floor(
    inboxes: Inboxes, database: Database, retention: Retention, later: Later, ben: User
) -> None:
    device = await fill(inboxes, ben)
    later.ahead = timedelta(days=91)
    await retention.round()
    assert len(await entries(database, ben)) == 5
    assert (await device.does("inbox:sync", cursor=1))["reset"] is True
    assert (await device.does("inbox:sync", cursor=4))["reset"] is False
    later.ahead += timedelta(minutes=9)
    await retention.round()
    assert len(await entries(database, ben)) == 5
    later.ahead += timedelta(minutes=2)
    await retention.round()
    # The last one is the head's item: its latest change is above the floor.
    assert await entries(database, ben) == [("item", "unread"), ("item", "last"), ("change", None)]
    answer = await device.does("inbox:sync", cursor=1)
    assert answer["reset"]
    assert [i["title"] for i in answer["items"]] == ["unread", "last"]
    assert answer["unread"] == 1


async def test_three_nodes_delete_the_same_when_one_dies_in_the_middle(
    inboxes: Inboxes,
    database: Database,
    retention: Retention,
    later: Later,
    ben: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await fill(inboxes, ben)
    later.ahead = timedelta(days=91)
    await asyncio.gather(*(retention.round() for _ in range(3)))
    later.ahead += timedelta(minutes=11)
    delete = Floors.delete_below
    nodes: list[asyncio.Task[None]] = []

    async def dies_halfway(floors: Floors, *asked: Any) -> None:
        if asyncio.current_task() is nodes[0]:
            nodes[0].cancel()
        await delete(floors, *asked)

    monkeypatch.setattr(Floors, "delete_below", dies_halfway)
    nodes += [asyncio.create_task(retention.round()) for _ in range(3)]
    outcomes = await asyncio.gather(*nodes, return_exceptions=True)
    assert [type(each) for each in outcomes] == [asyncio.CancelledError, type(None), type(None)]
    assert await entries(database, ben) == [("item", "unread"), ("item", "last"), ("change", None)]


async def test_revs_go_on_where_they_were(
    inboxes: Inboxes, database: Database, retention: Retention, later: Later, ben: User
) -> None:
    device = await fill(inboxes, ben)
    later.ahead = timedelta(days=91)
    await retention.round()
    later.ahead += timedelta(minutes=11)
    await retention.round()
    await inboxes.sender.send([ben.id], Notice(title="new"))
    assert (await device.sees("new"))["rev"] == 6
    assert device.unread == 2


async def test_old_broadcasts_go_once_they_are_done(
    inboxes: Inboxes, database: Database, retention: Retention, later: Later, ana: User, ben: User
) -> None:
    for n in range(3):
        await inboxes.sender.send([ben.id], Notice(title=f"{n}"), f"key:{n}", ana.id)
    await CursorStore(database, BROADCASTS).advance(2, 0)
    later.ahead = timedelta(days=8)
    await retention.round()
    later.ahead += timedelta(minutes=11)
    await retention.round()
    left = database.collection("entries").find({"stream": BROADCASTS}, {"rev": 1})
    assert [e["rev"] async for e in left] == [3]
