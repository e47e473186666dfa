"""Roles and the scopes of tokens decide who may read, publish and create."""

from app.accounts.models import User
from tests.chat.house import House
from tests.harness.listener import Listener as Reader
from tests.harness.waiting import eventually
from tests.topics.clients import TopicClients


async def test_a_topic_for_admins(clients: TopicClients, ana: User, ben: User) -> None:
    admin, member = await clients.opens(ana), await clients.opens(ben)
    await admin.does("create", topic="secret", read="admins", publish="admins")
    await admin.subscribes("secret")
    await admin.publishes("secret", 1)
    for event in ("subscribe", "publish"):
        error = await member.fails(event, topic="secret", data=1)
        assert error["code"] == "forbidden"
    answer = await member.subscribes("*")
    assert answer["topics"] == {}
    assert (await clients.http("GET", "/api/topics/secret/events", ben))[0] == 403
    assert (await clients.http("GET", "/api/topics", ben))[1]["items"] == []
    assert len((await clients.http("GET", "/api/topics", ana))[1]["items"]) == 1


async def test_members_make_no_topics_for_admins(clients: TopicClients, ben: User) -> None:
    member = await clients.opens(ben)
    for right in ("read", "publish"):
        error = await member.fails("create", topic="mine", **{right: "admins"})
        assert error["code"] == "forbidden"


async def test_who_is_no_admin_any_more_hears_nothing(
    clients: TopicClients, house: House, ana: User, ben: User
) -> None:
    await house.services.accounts.roles.appoint(ben.id, "admin")
    source, former = await clients.opens(ana), await clients.opens(ben)
    await source.does("create", topic="secret", read="admins")
    await source.does("create", topic="secret.values", read="admins", ephemeral=True)
    for topic in ("secret", "secret.values", "news"):
        await former.subscribes(topic)
    by_pattern = await clients.opens(ben)
    await by_pattern.subscribes("*")
    token = await house.services.tokens.create(ben.id)
    streams = "topic:secret,topic:secret.values,topic:news"
    async with Reader(house.address, token, streams) as reader:
        await reader.opens()
        await source.publishes("secret", 1)
        await former.sees("secret", 1)
        await house.services.accounts.roles.appoint(ben.id, "member")
        for topic in ("secret", "secret.values", "news"):
            await source.publishes(topic, 2)
        await former.sees("news", 2)
        await by_pattern.sees("news", 2)
        await eventually(lambda: told(reader)[-1:] == [("news", 2)], "the reader is told of it")
        heard = [("secret", 1), ("news", 2)]
        assert told(reader) == heard
        assert {removed.data["topic"] for removed in reader.told("topic:removed")} == {
            "secret",
            "secret.values",
        }
    for listener in (former, by_pattern):
        assert [(b["topic"], b["items"][0]["data"]) for b in listener.heard] == heard


def told(reader: Reader) -> list[tuple[str, int]]:
    """Topic and data of each event, in the order of arrival."""
    return [
        (event.data["topic"], item["data"])
        for event in reader.told("topic")
        for item in event.data["items"]
    ]


async def test_a_token_for_publishing_publishes_only(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana, ["topics:publish"])
    await source.publishes("news", 1)
    assert (await source.fails("subscribe", topic="news"))["code"] == "forbidden"
    events = "/api/topics/news/events"
    assert (await clients.http("GET", events, ana, scopes=["topics:publish"]))[0] == 403
    status, _ = await clients.http("POST", events, ana, scopes=["topics:publish"], json={"data": 1})
    assert status == 201


async def test_a_token_for_chat_reads_only(clients: TopicClients, ana: User) -> None:
    source, reader = await clients.opens(ana), await clients.opens(ana, ["chat"])
    assert (await reader.fails("subscribe", topic="news"))["code"] == "not_found"
    for path in ("/api/topics/news/events", "/api/events?streams=topic:news"):
        status, answer = await clients.http("GET", path, ana, scopes=["chat"])
        assert (status, answer["error"]["code"]) == (404, "not_found")
    await source.publishes("news", 1)
    await reader.subscribes("news")
    for event in ("publish", "create"):
        assert (await reader.fails(event, topic="news", data=1))["code"] == "forbidden"
    status, _ = await clients.http("POST", "/api/topics", ana, scopes=["chat"], json={"topic": "x"})
    assert status == 403


async def test_other_tokens_may_nothing(clients: TopicClients, ana: User) -> None:
    reader = await clients.opens(ana, ["metrics:read"])
    for event in ("subscribe", "publish", "create"):
        assert (await reader.fails(event, topic="news", data=1))["code"] == "forbidden"


async def test_a_name_is_taken_once(clients: TopicClients, ana: User, ben: User) -> None:
    asked = {"topic": "news", "keep": {"count": 5, "age_s": 60}}
    status, topic = await clients.http("POST", "/api/topics", ana, json=asked)
    assert (status, topic["keep"]) == (201, {"count": 5, "age_s": 60})
    assert await clients.http("POST", "/api/topics", ben, json=asked) == (200, topic)
    assert await clients.http("POST", "/api/topics", ben, json={"topic": "news"}) == (200, topic)
    other = {"topic": "news", "ephemeral": True}
    assert (await clients.http("POST", "/api/topics", ben, json=other))[0] == 409
