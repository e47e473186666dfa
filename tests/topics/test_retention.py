"""Events that are no longer served are deleted later, and no cursor finds a hole."""

from datetime import datetime, timedelta

import pytest

from app.accounts.models import User
from app.storage.mongo import Database
from app.streams.after_restore import mark_restored
from app.streams.log import Log
from app.streams.retention_floors import Floors
from app.times import now
from app.topics.history import TopicHistory
from app.topics.retention import Retention
from app.topics.store import EventStore
from tests.chat.house import House, open_house
from tests.topics.clients import TopicClient, TopicClients


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
def history(database: Database, later: Later) -> TopicHistory:
    return TopicHistory(Log(database), EventStore(database), later, 10)


@pytest.fixture
def retention(database: Database, house: House, history: TopicHistory, later: Later) -> Retention:
    directory = house.services.topics.directory
    return Retention(directory, history, Floors(database), Log(database), later)


async def kept(database: Database, topic: str) -> list[int]:
    found = database.collection("entries").find({"stream": f"topic:{topic}"}).sort("rev", 1)
    return [entry["rev"] async for entry in found]


async def publish(listener: TopicClient, topic: str, count: int) -> None:
    for n in range(count):
        await listener.publishes(topic, n)


async def test_what_is_beyond_the_count_goes_after_the_grace(
    clients: TopicClients, database: Database, retention: Retention, later: Later, ana: User
) -> None:
    source = await clients.opens(ana)
    await publish(source, "news", 25)
    await publish(source, "few", 10)
    await retention.round()
    assert len(await kept(database, "news")) == 25
    assert (await source.subscribes("news", cursor=14))["lagged"] == 1
    later.ahead = timedelta(seconds=599)
    await retention.round()
    assert len(await kept(database, "news")) == 25
    later.ahead = timedelta(seconds=601)
    await retention.round()
    assert await kept(database, "news") == list(range(16, 26))
    assert len(await kept(database, "few")) == 10
    answer = await source.subscribes("news", cursor=2)
    assert (answer["reset"], answer["lagged"], len(answer["items"])) == (True, 13, 10)


async def test_what_is_too_old_is_not_served_and_goes(
    clients: TopicClients,
    database: Database,
    retention: Retention,
    history: TopicHistory,
    later: Later,
    ana: User,
) -> None:
    source = await clients.opens(ana)
    await source.does("create", topic="news", keep={"age_s": 3_600})
    await publish(source, "news", 12)
    topic = await clients.house.services.topics.directory.get("news")
    assert len((await history.newest(topic, 100)).items) == 12
    later.ahead = timedelta(minutes=59)
    assert (await history.sync(topic, 5)).shown()["reset"] is False
    later.ahead = timedelta(minutes=61)
    late = (await history.sync(topic, 5)).shown()
    assert (late["reset"], late["lagged"], late["items"], late["rev"]) == (True, 7, [], 12)
    assert (await history.newest(topic, 100)).items == []
    assert (await history.sync(topic, 12)).shown()["reset"] is False
    await retention.round()
    later.ahead += timedelta(minutes=11)
    await retention.round()
    # The head keeps its rev for ever.
    assert await kept(database, "news") == [12]
    assert (await source.publishes("news", "next"))["seq"] == 13


async def test_after_a_restore_the_newest_are_there(
    clients: TopicClients, database: Database, house: House, ana: User
) -> None:
    await publish(await clients.opens(ana), "news", 4)
    await mark_restored(database, "")
    async with open_house(database) as again:
        listener = await TopicClients(again).opens(ana)
        answer = await listener.subscribes("news", cursor=3)
        assert (answer["reset"], answer["lagged"]) == (True, 0)
        assert listener.has("news") == [0, 1, 2, 3]
        done = await listener.publishes("news", 4)
        assert done["seq"] > 2**32
        await listener.sees("news", 4)
        assert listener.gaps == 0
        assert (await listener.subscribes("news", cursor=answer["rev"]))["reset"] is False
