"""Publishing: who may, what is taken, what a repeat gets."""

from typing import Any

from app.accounts.models import User
from app.storage.mongo import Database
from tests.chat.house import House, open_house
from tests.harness.waiting import eventually
from tests.topics.clients import TopicClients


async def test_a_repeat_gets_the_first_answer(clients: TopicClients, ana: User, ben: User) -> None:
    source = await clients.opens(ana)
    first = await source.publishes("news", {"n": 1}, client_id="one")
    assert await source.publishes("news", {"n": 1}, client_id="one") == first
    error = await source.fails("publish", topic="news", data={"n": 2}, client_id="one")
    assert (error["code"], error["field"]) == ("conflict", "client_id")
    # Another person's names are their own.
    other = await (await clients.opens(ben)).publishes("news", {"n": 2}, client_id="one")
    assert other["seq"] == 2


async def test_over_http(clients: TopicClients, ana: User) -> None:
    asked = {"data": {"n": 1}, "client_id": "one"}
    status, first = await clients.http("POST", "/api/topics/news/events", ana, json=asked)
    assert (status, first["status"]) == (201, "published")
    event = first["event"]
    assert (event["topic"], event["data"], event["sender"]) == ("news", {"n": 1}, ana.id)
    status, again = await clients.http("POST", "/api/topics/news/events", ana, json=asked)
    assert (status, again) == (200, first)
    status, found = await clients.http("GET", "/api/topics/news/events", ana)
    assert (status, found["items"], found["more"]) == (200, [event], False)


async def test_the_idempotency_key_of_a_request_makes_a_repeat(
    clients: TopicClients, ana: User
) -> None:
    key = {"Idempotency-Key": "reading 7 " + "x" * 200}

    async def publishes(data: object) -> tuple[int, Any]:
        path = "/api/topics/news/events"
        return await clients.http("POST", path, ana, json={"data": data}, headers=key)

    status, first = await publishes(7)
    assert (status, await publishes(7)) == (201, (200, first))
    status, refused = await publishes(8)
    assert (status, refused["error"]["code"]) == (409, "conflict")


async def test_pages_over_http(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana)
    for n in range(15):
        await source.publishes("news", n)
    _, page = await clients.http("GET", "/api/topics/news/events?limit=3", ana)
    assert ([e["data"] for e in page["items"]], page["more"]) == ([12, 13, 14], True)
    _, page = await clients.http("GET", "/api/topics/news/events?after=7&limit=3", ana)
    assert ([e["data"] for e in page["items"]], page["more"]) == ([7, 8, 9], True)
    _, page = await clients.http("GET", "/api/topics/news/events?after=13", ana)
    assert ([e["data"] for e in page["items"]], page["more"]) == ([13, 14], False)
    _, page = await clients.http("GET", "/api/topics/news/events?after=1&limit=2", ana)
    assert ([e["data"] for e in page["items"]], page["lagged"]) == ([5, 6], 4)
    for query, data, more in [
        ("before=9", [5, 6, 7], False),
        ("before=9&limit=2", [6, 7], True),
        ("before=9&after=6", [6, 7], False),
        ("before=13&after=6&limit=2", [6, 7], True),
        ("before=9&after=2", [5, 6, 7], False),
        ("before=6", [], False),
        ("before=7&after=7", [], False),
    ]:
        _, page = await clients.http("GET", f"/api/topics/news/events?{query}", ana)
        assert ([e["data"] for e in page["items"]], page["more"]) == (data, more), query
    status, _ = await clients.http("GET", "/api/topics/unknown/events", ana)
    assert status == 404


async def test_any_json_comes_out_as_it_went_in(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana)
    await source.subscribes("news")
    all_kinds = [None, 0, "", False, [], {}, [{"a": [None]}], "ünïcode", 1.5]
    for data in all_kinds:
        await source.publishes("news", data)
    await eventually(lambda: source.has("news") == all_kinds, "all came")


async def test_data_is_at_most_64_kb(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana)
    await source.publishes("news", "x" * 65_534)  # With its quotation marks.
    error = await source.fails("publish", topic="news", data="x" * 65_535)
    assert (error["code"], error["field"]) == ("too_large", "data")
    status, answer = await clients.http(
        "POST", "/api/topics/news/events", ana, json={"data": "ü" * 32_768}
    )
    assert (status, answer["error"]["code"]) == (413, "too_large")


async def test_names_that_are_none(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana)
    for name in ("", "a b", "a/b", ".a", "a.", "a..b", "ü", "a*", "x" * 101, "a\n"):
        for event in ("publish", "create", "subscribe"):
            error = await source.fails(event, topic=name, data=1)
            assert (error["code"], error["field"]) == ("invalid", "topic")


async def test_missing_data_is_named(clients: TopicClients, ana: User) -> None:
    error = await (await clients.opens(ana)).fails("publish", topic="news")
    assert (error["code"], error["field"]) == ("invalid", "data")


async def test_events_a_minute_are_limited(database: Database) -> None:
    async with open_house(database, topic_events_per_minute=2) as house:
        source = await TopicClients(house).opens(await house.invites("ana", "admin"))
        await source.publishes("news", 1)
        await source.publishes("news", 2)
        error = await source.fails("publish", topic="news", data=3)
        assert error["code"] == "rate_limited"
        assert error["retry_after"] >= 1


async def test_topics_are_limited(database: Database) -> None:
    async with open_house(database, topics_at_most=2) as house:
        source = await TopicClients(house).opens(await house.invites("ana", "admin"))
        await source.publishes("one", 1)
        await source.subscribes("two")
        assert (await source.fails("publish", topic="three", data=1))["code"] == "unavailable"
        await source.publishes("two", 1)


async def test_one_member_does_not_use_up_the_topics_of_all(database: Database) -> None:
    async with open_house(database, topics_per_person=2) as house:
        clients = TopicClients(house)
        admin = await clients.opens(await house.invites("ana", "admin"))
        source = await clients.opens(await house.invites("ben"))
        other = await clients.opens(await house.invites("cleo"))
        await source.publishes("one", 1)
        await source.subscribes("two")
        for event in ({"event": "publish", "data": 1}, {"event": "subscribe"}, {"event": "create"}):
            assert (await source.fails(**event, topic="three"))["code"] == "conflict"
        await source.publishes("two", 1)
        await other.publishes("three", 1)
        await source.publishes("three", 2)
        for n in range(3):
            await admin.does("create", topic=f"of-admins-{n}")
        await admin.does("delete", topic="one")
        await source.subscribes("four")


async def test_what_looks_like_a_script_is_refused_where_that_is_wanted(database: Database) -> None:
    async with open_house(database, content_policy="reject") as house:
        source = await TopicClients(house).opens(await house.invites("ana", "admin"))
        error = await source.fails("publish", topic="news", data={"a": "<script>"})
        assert (error["code"], error["field"]) == ("invalid", "data")


async def test_features_hear_it_in_this_process(
    clients: TopicClients, house: House, ana: User
) -> None:
    heard = []
    house.services.local_events.subscribe("topic:news", heard.append)
    done = await (await clients.opens(ana)).publishes("news", [1])
    assert [(e.data["id"], e.data["data"], e.sender) for e in heard] == [(done["id"], [1], ana.id)]
