"""Admins change a topic while it is in use, and delete it, on every way in."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import User
from app.audit.trail import AuditTrail
from app.storage.mongo import Database
from app.streams.retention_floors import Floors
from app.times import now
from app.topics.directory import Directory
from app.topics.models import Keep, Topic
from app.topics.store import TopicStore
from tests.admin.browser import Browser, words
from tests.chat.house import House, open_house
from tests.harness.listener import Listener
from tests.harness.waiting import eventually
from tests.topics.clients import TopicClients


@pytest.fixture
def elsewhere(house: House, database: Database) -> Directory:
    """The topic directory of another node."""
    audit = AuditTrail(database)
    return Directory(
        TopicStore(database), Floors(database), now, 1_000, 1_000, lambda _: None, audit
    )


async def test_a_topic_keeps_more_or_fewer_from_now_on(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana)
    for number in range(20):
        await source.publishes("news", number)
    path = "/api/topics/news"
    status, topic = await clients.http("PATCH", path, ana, json={"keep": {"count": 3}})
    assert (status, topic["keep"], topic["read"]) == (200, {"count": 3}, "members")
    assert await served(clients, ana) == [17, 18, 19]
    answer = await source.does("update", topic="news", keep={"count": 15})
    assert answer["topic"]["keep"] == {"count": 15}
    assert await served(clients, ana) == list(range(5, 20))
    late = await source.subscribes("news", cursor=1)
    assert (late["reset"], late["lagged"]) == (True, 4)
    await source.does("update", topic="news", keep={})
    assert await served(clients, ana) == list(range(10, 20))


async def served(clients: TopicClients, who: User) -> list[Any]:
    _, page = await clients.http("GET", "/api/topics/news/events", who)
    return [event["data"] for event in page["items"]]


async def test_who_may_not_read_any_more_hears_nothing_till_they_may_again(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, reader, taker = [await clients.opens(who) for who in (ana, ben, ben)]
    await source.publishes("news", 1)
    await reader.subscribes("news")
    await taker.subscribes("*")
    await source.publishes("news", 2)
    for each in (reader, taker):
        await each.sees("news", 2)
    await source.does("update", topic="news", read="admins", publish="admins")
    await source.publishes("news", 3)
    assert (await reader.fails("subscribe", topic="news"))["code"] == "forbidden"
    assert (await reader.fails("publish", topic="news", data=4))["code"] == "forbidden"
    await source.does("update", topic="news", read="members")
    await source.publishes("news", 5)
    for each, held in ((taker, [2]), (reader, [1, 2])):
        assert each.has("news") == held
    await taker.subscribes("*", cursors={"news": taker.cursors["news"]})
    await source.publishes("news", 6)
    await taker.sees("news", 6)
    assert taker.has("news") == [2, 3, 5, 6]
    assert reader.has("news") == [1, 2]


async def test_only_admins_change_it_and_only_what_can_be(
    clients: TopicClients, ana: User, ben: User
) -> None:
    admin, member = await clients.opens(ana), await clients.opens(ben)
    await member.publishes("news", 1)
    await admin.does("create", topic="values", ephemeral=True)
    assert (await member.fails("update", topic="news", read="admins"))["code"] == "forbidden"
    for path, asked, status in (
        ("nowhere", {"read": "admins"}, 404),
        ("a%20b", {"read": "admins"}, 400),
        ("news", {"read": "nobody"}, 400),
        ("news", {"keep": {"count": 0}}, 400),
        ("values", {"keep": {"count": 5}}, 400),
        ("values", {"publish": "admins"}, 200),
        ("news", {}, 200),
    ):
        answer = await clients.http("PATCH", f"/api/topics/{path}", ana, json=asked)
        assert answer[0] == status, answer
    assert (await clients.http("PATCH", "/api/topics/news", ben, json={"read": "admins"}))[0] == 403
    narrow = await clients.http("PATCH", "/api/topics/news", ana, scopes=["chat"], json={})
    assert narrow[0] == 403
    assert (await member.fails("publish", topic="values", data=1))["code"] == "forbidden"


async def test_other_nodes_hear_of_it(
    clients: TopicClients, house: House, elsewhere: Directory, database: Database, ana: User
) -> None:
    source = await clients.opens(ana)
    await source.publishes("news", 1)
    await source.publishes("olds", 1)
    topics, then = database.collection("topics"), now() - timedelta(hours=1)
    await topics.update_many({}, {"$set": {"created_at": then, "changed_at": then}})
    # As a Parley has made it that could not change topics.
    await topics.update_one({"_id": "olds"}, {"$unset": {"changed_at": 1}})
    await source.publishes("newest", 1)
    await elsewhere.refresh()
    for name in ("news", "olds"):
        await source.does("update", topic=name, keep={"count": 2, "age_s": 9}, read="admins")
    await elsewhere.refresh()
    for name in ("news", "olds"):
        topic = elsewhere.known(name)
        assert topic is not None
        assert (topic.keep, topic.read) == (Keep(count=2, age_s=9), "admins")
    # And of ours the same way, though the other's clock is a minute behind.
    late = TopicStore(database)
    await late.update("news", {"read": "members"}, now() - timedelta(seconds=60))
    mine = house.services.topics.directory
    await eventually(lambda: getattr(mine.known("news"), "read", "") == "members", "it is heard")


async def test_a_stream_of_events_ends_with_the_right_to_it(
    clients: TopicClients, house: House, ana: User, ben: User
) -> None:
    source = await clients.opens(ana)
    await source.publishes("news", 1)
    token = await house.services.tokens.create(ben.id)
    async with Listener(house.address, token, "topic:news") as reader:
        await reader.opens()
        await source.publishes("news", 2)
        await reader.hears("topic")
        await source.does("update", topic="news", read="admins")
        await source.publishes("news", "secret")
        assert (await reader.hears("topic:removed")).data == {"topic": "news"}
        assert [event["data"] for event in reader.items("topic")] == [2]


async def test_a_deleted_topic_leaves_nothing_and_can_be_made_anew(
    clients: TopicClients, ana: User, ben: User
) -> None:
    source, reader, taker = [await clients.opens(who) for who in (ana, ben, ben)]
    await reader.subscribes("news")
    await taker.subscribes("*")
    for number in range(5):
        await source.publishes("news", number)
    await reader.sees("news", 4)
    cursor = reader.cursors["news"]
    assert (await reader.fails("delete", topic="news"))["code"] == "forbidden"
    assert (await clients.http("DELETE", "/api/topics/news", ben))[0] == 403
    assert await clients.http("DELETE", "/api/topics/news", ana) == (200, {"ok": True})
    assert (await clients.http("DELETE", "/api/topics/news", ana))[0] == 404
    assert (await clients.http("GET", "/api/topics/news/events", ana))[0] == 404
    assert (await clients.http("GET", "/api/topics", ana))[1]["items"] == []
    made = await source.does("create", topic="news", keep={"count": 3})
    assert (made["created"], made["topic"]["keep"]) == (True, {"count": 3})
    assert await served(clients, ana) == []
    assert (await source.publishes("news", "anew"))["rev"] == cursor + 1
    # Open subscriptions go on; a subscription with an older cursor gets a reset.
    for each in (reader, taker):
        await each.sees("news", "anew")
    assert (reader.gaps, taker.gaps) == (0, 0)
    late = await source.subscribes("news", cursor=2)
    assert late["reset"]
    assert [event["data"] for event in late["items"]] == ["anew"]
    assert await served(clients, ana) == ["anew"]


async def test_a_deleted_value_holds_no_more(clients: TopicClients, ana: User) -> None:
    source = await clients.opens(ana)
    await source.does("create", topic="values", ephemeral=True)
    await source.publishes("values", 1)
    await source.does("delete", topic="values")
    await source.does("create", topic="values", ephemeral=True)
    assert (await source.subscribes("values"))["items"] == []


async def test_other_nodes_hear_that_it_is_gone_and_that_it_is_back(
    clients: TopicClients, elsewhere: Directory, ana: User
) -> None:
    source = await clients.opens(ana)
    gone: list[str] = []
    elsewhere.deleted.listen(lambda topic: gone.append(topic.name))
    await source.does("create", topic="news", read="admins")
    await elsewhere.refresh()
    await source.does("delete", topic="news")
    await elsewhere.refresh()
    assert (elsewhere.known("news"), gone) == (None, ["news"])
    assert await elsewhere.find("news") is None
    await source.does("create", topic="news")
    await elsewhere.refresh()
    again = elsewhere.known("news")
    assert again is not None
    assert again.read == "members"
    # It came back before this node had heard that it was gone.
    await source.does("delete", topic="news")
    await source.does("create", topic="news", keep={"count": 7})
    await elsewhere.refresh()
    again = elsewhere.known("news")
    assert again is not None
    assert again.keep == Keep(count=7)


async def test_a_topic_that_another_made_and_deleted_meanwhile_is_not_kept(
    clients: TopicClients, house: House, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await clients.opens(ana)
    directory, insert = house.services.topics.directory, TopicStore.insert

    async def too_late(store: TopicStore, topic: Topic) -> Topic | None:
        await insert(store, topic)
        mine = await insert(store, topic)
        await store.delete(topic.name, now())
        return mine

    monkeypatch.setattr(TopicStore, "insert", too_late)
    assert (await source.fails("publish", topic="news", data=1))["code"] == "unavailable"
    assert directory.known("news") is None
    monkeypatch.undo()
    assert (await source.publishes("news", 1))["rev"] == 1


async def test_a_deleted_topic_leaves_its_place_to_another(database: Database) -> None:
    async with open_house(database, topics_at_most=1) as house:
        clients, ana = TopicClients(house), await house.invites("ana", "admin")
        source = await clients.opens(ana)
        await source.publishes("a-typo", 1)
        assert (await source.fails("publish", topic="news", data=1))["code"] == "unavailable"
        await source.does("delete", topic="a-typo")
        await source.publishes("news", 1)


async def test_the_page_changes_them(clients: TopicClients, browser: Browser, ana: User) -> None:
    source = await clients.opens(ana)
    await source.publishes("news", 1)
    _, page = await browser.opens("/admin/topics?topic=news")
    assert "Settings of news" in page
    sent = {"topic": "news", "count": " 7 ", "age_s": "", "read": "members", "publish": "admins"}
    status, there = await browser.sends("/admin/topics/settings", **sent)
    assert (status, there) == (303, "/admin/topics?topic=news&done=changed")
    _, page = await browser.opens(there)
    assert "The settings are changed." in page
    assert "news the newest 7 members / admins" in words(page)
    for wrong in ("x", "0", "1.5", "10001"):
        status, page = await browser.sends("/admin/topics/settings", **sent | {"count": wrong})
        assert status == 400
        assert f'value="{wrong}"' in page
        assert 'id="count-error"' in page
    status, _ = await browser.sends("/admin/topics/settings", **sent | {"topic": "nowhere"})
    assert status == 404


async def test_the_page_deletes_a_topic(clients: TopicClients, browser: Browser, ana: User) -> None:
    source = await clients.opens(ana)
    await source.publishes("news", 1)
    status, there = await browser.sends("/admin/topics/delete", topic="news")
    assert (status, there) == (303, "/admin/topics?done=deleted")
    _, page = await browser.opens(there)
    assert "The topic is gone." in page
    assert "There is no topic yet." in page
    assert (await browser.sends("/admin/topics/delete", topic="news"))[0] == 404
