"""Subscribing: everything once, in order, whoever was away; and never a silent hole."""

import asyncio

from app.accounts.models import User
from app.storage.mongo import Database
from tests.chat.house import House, open_house
from tests.harness.waiting import eventually
from tests.streams.link import linked
from tests.topics.clients import TopicClient, TopicClients


async def publish(listener: TopicClient, topic: str, numbers: range) -> None:
    """In this order."""
    for n in numbers:
        await listener.publishes(topic, n)


async def test_a_subscriber_gets_what_is_published(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    answer = await listener.subscribes("news")
    assert (answer["rev"], answer["items"], answer["more"], answer["reset"]) == (
        0,
        [],
        False,
        False,
    )
    done = await source.publishes("news", {"title": "Snow", "$ref": "x", "n": 1.0})
    await listener.sees("news", {"title": "Snow", "$ref": "x", "n": 1.0})
    batch = listener.heard[0]
    assert (batch["topic"], batch["prev"], batch["rev"]) == ("news", 0, 1)
    event = batch["items"][0]
    assert event.pop("timestamp").endswith("Z")
    assert event.pop("data") == {"title": "Snow", "$ref": "x", "n": 1.0}
    assert event == {"id": done["id"], "seq": 1, "rev": 1, "topic": "news", "sender": ana.id}


async def test_a_newcomer_begins_with_the_newest(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source = await clients.opens(ana)
    await publish(source, "news", range(14))
    listener = await clients.opens(ben)
    answer = await listener.subscribes("news")
    assert listener.has("news") == list(range(4, 14))
    assert answer["older"] is False  # More are not served.
    await source.publishes("news", 14)
    await listener.sees("news", 14)
    assert listener.gaps == 0


async def test_who_was_away_gets_the_rest_once(clients: TopicClients, ana: User, ben: User) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    await listener.subscribes("news")
    await publish(source, "news", range(3))
    await listener.sees("news", 2)
    await listener.leaves()
    await publish(source, "news", range(3, 9))
    again = await clients.opens(ben)
    answer = await again.subscribes("news", cursor=3)
    assert [event["data"] for event in answer["items"]] == [3, 4, 5, 6, 7, 8]
    assert answer["reset"] is False
    assert "lagged" not in answer


async def test_who_fell_behind_is_told_how_far(clients: TopicClients, ana: User, ben: User) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    await publish(source, "news", range(25))
    answer = await listener.subscribes("news", cursor=3)
    assert (answer["reset"], answer["lagged"], answer["rev"]) == (True, 12, 25)
    assert listener.has("news") == list(range(15, 25))
    # Exactly at the edge nothing is missing.
    edge = await listener.subscribes("news", cursor=15)
    assert (edge["reset"], len(edge["items"])) == (False, 10)


async def test_a_cursor_of_another_past_is_reset(clients: TopicClients, ana: User) -> None:
    listener = await clients.opens(ana)
    await publish(listener, "news", range(3))
    answer = await listener.subscribes("news", cursor=99)
    assert (answer["reset"], answer["lagged"], answer["rev"]) == (True, 0, 3)
    assert listener.has("news") == [0, 1, 2]


async def test_many_pages_lead_to_the_head(clients: TopicClients, ana: User, ben: User) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    await source.does("create", topic="log", keep={"count": 1_000})
    await asyncio.gather(*(source.publishes("log", n) for n in range(450)))
    first = await listener.subscribes("log", cursor=0)
    assert (first["more"], first["rev"]) == (True, 200)
    await listener.resumes("log")
    await source.publishes("log", "last")
    await listener.sees("log", "last")
    assert sorted(listener.has("log")[:-1]) == list(range(450))


async def test_an_answer_is_short_enough_for_every_client(clients: TopicClients, ana: User) -> None:
    """The official Python client gives up at 4 MiB, others, like this one, at 1 MiB."""
    source, listener = await clients.opens(ana), await clients.opens(ana)
    await source.does("create", topic="log", keep={"count": 1_000})
    for n in range(70):
        # Three bytes each.
        await source.publishes("log", f"{n:03} " + "語" * 21_000)
    _, found = await clients.http("GET", "/api/topics/log/events", ana)
    newest = [event["seq"] for event in found["items"]]
    assert newest == list(range(71 - len(newest), 71))
    assert (len(newest) > 10, found["more"]) == (True, True)
    first = await listener.subscribes("log", cursor=0)
    assert (len(first["items"]), first["more"]) == (len(newest), True)
    await listener.resumes("log")
    assert [data[:3] for data in listener.has("log")] == [f"{n:03}" for n in range(70)]


async def test_a_pattern_is_answered_in_one_frame(clients: TopicClients, ana: User) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ana)
    names = [f"logs.{n:02}" for n in range(20)]
    for name in names:
        await source.publishes(name, "x" * 60_000)
    for n in range(5):
        await source.does("create", topic=f"logs.now{n}", ephemeral=True)
        await source.publishes(f"logs.now{n}", "y" * 60_000)
    answer = await listener.subscribes("logs.*", cursors=dict.fromkeys(names, 0))
    more = [name for name, each in answer["topics"].items() if each["more"]]
    assert 0 < len(more) < len(names)
    for name in more:
        assert answer["topics"][name]["items"] == []
        if name in names:
            await listener.resumes(name)
    assert [len(listener.has(name)) for name in names] == [1] * 20


async def test_nothing_falls_between_answer_and_live(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source = await clients.opens(ana)
    await source.does("create", topic="log", keep={"count": 1_000})
    listeners = [await clients.opens(ben) for _ in range(5)]

    async def join(listener: TopicClient) -> None:
        await listener.subscribes("log")

    joining = [join(listener) for listener in listeners]
    await asyncio.gather(*(source.publishes("log", n) for n in range(80)), *joining)
    await source.publishes("log", "last")
    for listener in listeners:
        await listener.sees("log", "last")
        assert len(listener.has("log")) == 81
        assert listener.gaps == 0


async def test_who_unsubscribed_gets_nothing_more(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, listener = await clients.opens(ana), await clients.opens(ben)
    for topic in ("news", "weather"):
        await listener.subscribes(topic)
    await listener.does("unsubscribe", topic="news")
    await source.publishes("news", 1)
    await source.publishes("weather", 1)
    await listener.sees("weather", 1)
    assert [batch["topic"] for batch in listener.heard] == ["weather"]
    await listener.does("unsubscribe", topic="never.subscribed")


async def test_who_left_is_forgotten(clients: TopicClients, house: House, ana: User) -> None:
    listener = await clients.opens(ana)
    await listener.subscribes("news")
    assert len(house.services.hub.followers("topic:news")) == 1
    await listener.leaves()
    await eventually(lambda: not house.services.hub.followers("topic:news"), "it is let go")


async def test_subscriptions_are_bounded(clients: TopicClients, ana: User) -> None:
    listener = await clients.opens(ana)
    for n in range(100):
        await listener.subscribes(f"t{n}")
    assert (await listener.fails("subscribe", topic="t100"))["code"] == "invalid"
    await listener.subscribes("t5")  # Again is no further one.
    await listener.does("unsubscribe", topic="t5")
    await listener.subscribes("t100")


async def test_an_event_of_another_node_comes_too(
    clients: TopicClients, house: House, ana: User
) -> None:
    listener = await clients.opens(ana)
    await listener.subscribes("news")
    await listener.subscribes("sensors.*")
    async with open_house(house.services.database) as other:
        source = await TopicClients(other).opens(ana)
        await source.publishes("news", "from afar")
        await source.publishes("sensors.kitchen", 21)
        await listener.sees("news", "from afar")
        await listener.sees("sensors.kitchen", 21)


async def test_a_subscription_outlives_an_outage_in_which_it_was_renewed(
    mongo_url: str, database: Database
) -> None:
    async with (
        linked(mongo_url, database.db.name) as (link, reached),
        open_house(reached) as house,
    ):
        listener = await TopicClients(house).opens(await house.invites("ana", "admin"))
        await listener.subscribes("news")
        await link.cut()
        error = await listener.fails("subscribe", topic="news", cursor=0)
        assert (error["code"], error["retry_after"] > 0) == ("unavailable", True)
        await link.mend()
        await eventually(lambda: _is_published(listener), "it goes on", 20)
        await listener.sees("news", "after")
        assert listener.client.connected


async def _is_published(listener: TopicClient) -> bool:
    answer = await listener.calls("publish", topic="news", data="after", client_id="one")
    return bool(answer["ok"])
