"""Ephemeral topics and patterns."""

from app.accounts.models import User
from app.storage.mongo import Database
from tests.topics.clients import TopicClients


async def test_an_ephemeral_event_is_stored_nowhere(
    clients: TopicClients, database: Database, ana: User, ben: User
) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    await source.does("create", topic="cursors", ephemeral=True)
    first = await listener.subscribes("cursors")
    assert (first["items"], first["rev"], first["durable"]) == ([], 0, False)
    done = await source.publishes("cursors", {"x": 1})
    assert done == {"ok": True, "durable": False, "id": done["id"]}
    await listener.sees("cursors", {"x": 1})
    assert (listener.heard[0]["prev"], listener.heard[0]["rev"]) == (0, 0)
    assert await database.collection("entries").count_documents({"stream": "topic:cursors"}) == 0


async def test_the_newest_value_is_replayed(clients: TopicClients, ana: User, ben: User) -> None:
    source = await clients.opens(ana)
    await source.does("create", topic="celsius", ephemeral=True)
    for n in (20, 21, 22):
        await source.publishes("celsius", n)
    listener = await clients.opens(ben)
    await listener.subscribes("celsius", cursor=7)
    assert listener.has("celsius") == [22]
    await listener.does("unsubscribe", topic="celsius")
    await source.publishes("celsius", 23)
    assert listener.heard == []


async def test_an_ephemeral_event_over_http(clients: TopicClients, ana: User) -> None:
    await clients.http("POST", "/api/topics", ana, json={"topic": "celsius", "ephemeral": True})
    status, answer = await clients.http(
        "POST", "/api/topics/celsius/events", ana, json={"data": 21}
    )
    assert (status, answer["durable"], answer["event"]["data"]) == (201, False, 21)


async def test_a_pattern_takes_what_is_there_and_what_comes(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    await source.publishes("sensors.kitchen", 1)
    await source.does("create", topic="sensors.door", ephemeral=True)
    await source.publishes("sensors.door", "open")
    answer = await listener.subscribes("sensors.*")
    assert set(answer["topics"]) == {"sensors.kitchen", "sensors.door"}
    assert listener.has("sensors.door") == ["open"]
    assert answer["topics"]["sensors.kitchen"]["rev"] == 1
    await source.publishes("sensors.kitchen", 2)
    await source.publishes("sensors.attic.window", 3)  # Made by this.
    await source.publishes("sensorsx", 4)
    await source.publishes("sensors.door", "shut")
    await listener.sees("sensors.door", "shut")
    assert listener.has("sensors.kitchen") == [2]
    assert listener.has("sensors.attic.window") == [3]
    assert listener.has("sensorsx") == []
    assert listener.gaps == 0


async def test_a_pattern_resumes_by_the_cursors_of_its_topics(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    for n in range(4):
        await source.publishes("a.one", n)
        await source.publishes("a.two", n)
    answer = await listener.subscribes("a.*", cursors={"a.one": 1, "a.none": 5, "b": 1})
    assert listener.has("a.one") == [1, 2, 3]
    assert listener.has("a.two") == []
    assert set(answer["topics"]) == {"a.one", "a.two"}


async def test_a_name_outlives_the_pattern_that_takes_it(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    for topic in ("a.one", "a.two", "a.*"):
        await listener.subscribes(topic)
    await listener.does("unsubscribe", topic="a.two")
    await source.publishes("a.two", 1)
    await listener.sees("a.two", 1)  # The pattern still takes it.
    await listener.does("unsubscribe", topic="a.*")
    await source.publishes("a.two", 2)
    await source.publishes("a.one", 2)
    await listener.sees("a.one", 2)
    assert listener.has("a.two") == [1]


async def test_stars_stand_at_the_end(clients: TopicClients, ana: User) -> None:
    listener = await clients.opens(ana)
    for topic in ("a.*.b", "*.a", "a*", "**", "a.**"):
        assert (await listener.fails("subscribe", topic=topic))["code"] == "invalid"
    assert (await listener.fails("subscribe", topic="a.*", cursor=1))["field"] == "cursor"
