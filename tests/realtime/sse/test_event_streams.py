"""The events that readers of Server-Sent Events get, and how they resume."""

import json
from itertools import pairwise

import aiohttp
import pytest

from app.realtime.sse import periodic_events
from app.realtime.sse.cursor import UNREADABLE, Position, mark, written
from tests.chat.house import House, Member, open_house
from tests.harness.listener import Listener
from tests.harness.waiting import eventually


async def listener(house: House, member: Member, streams: str = "") -> Listener:
    token = await house.services.tokens.create(member.id)
    return Listener(house.address, token, streams)


async def refusal(
    house: House, query: str = "", *, token: str | None = None, **headers: str
) -> tuple[int, dict[str, object]]:
    """Status and error of a request that must not become a stream."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.address}/api/events{query}", headers=headers) as response,
    ):
        assert response.status != 200
        return response.status, json.loads(await response.text())["error"]


async def test_connection_comes_first_then_the_welcome(house: House, ana: Member) -> None:
    async with await listener(house, ana, "notifications,chat:hallway") as reader:
        await reader.opens()
        await reader.hears("welcome")
        assert [e.name for e in reader.events[:2]] == ["connection", "welcome"]
        assert reader.events[0].data == "Connected"
        assert reader.events[0].id
        assert reader.retry_ms == 3000
        assert reader.events[1].data == {
            "user_id": ana.id,
            "message": "Welcome to personalized feed",
        }
        assert reader.response is not None
        assert reader.response.headers["Content-Type"].startswith("text/event-stream")
        assert reader.response.headers["X-Accel-Buffering"] == "no"
        assert "no-store" in reader.response.headers["Cache-Control"]


async def test_strangers_are_told_that_it_lives_and_nothing_else(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(periodic_events, "PERIODIC_S", 0.1)
    async with Listener(house.address, streams="notifications,chat:hallway,analytics") as reader:
        await reader.opens()
        await ana.sends("for members")
        await reader.hears("metrics")
        assert {e.name for e in reader.events} == {"connection", "periodic", "metrics"}


async def test_metrics_are_true(house: House, ana: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(periodic_events, "PERIODIC_S", 0.1)
    await ana.sends("one")
    await ana.sends("two")
    async with Listener(house.address) as reader:
        await reader.opens()
        await eventually(
            lambda: any(e.data["messages_sent"] == 2 for e in reader.told("metrics")),
            "both are counted",
        )
        shown = reader.told("metrics")[-1].data
        assert shown["users_active"] == 1
        assert shown["server_uptime"] == f"{shown['server_uptime_s']}s"
        assert set((await reader.hears("periodic")).data) == {"timestamp", "message"}


async def test_batches_are_those_of_the_other_transports(house: House, ana: Member) -> None:
    await ana.joins()
    async with await listener(house, ana, "chat:hallway") as reader:
        await reader.opens()
        await ana.sends("same everywhere")
        await reader.sees("same everywhere")
        await ana.sees("same everywhere")
        batch = reader.told("chat")[0]
        assert batch.data == next(b for b in ana.told("messages") if b["items"])
        assert batch.id


async def test_reader_comes_back_to_what_was_missed_in_order_and_once(
    house: House, ana: Member
) -> None:
    async with await listener(house, ana, "chat:hallway,topic:lamps,notifications") as reader:
        await reader.opens()
        await ana.sends("before")
        await reader.sees("before")
        await reader.leaves()
        missed = [f"missed {n}" for n in range(30)]
        for text in missed:
            await ana.sends(text)
        await reader.opens()
        await ana.sends("after")
        await reader.sees("before", *missed, "after")
        batches = [e.data for e in reader.told("chat")]
        assert all(b["prev"] <= a["rev"] for a, b in pairwise(batches))


async def test_cursor_of_the_connection_alone_misses_nothing(house: House, ana: Member) -> None:
    async with await listener(house, ana, "chat:hallway") as reader:
        await reader.opens()
        await reader.leaves()
        await ana.sends("in between")
        await reader.opens()
        await reader.sees("in between")


async def test_one_cursor_covers_several_rooms(house: House, ana: Member) -> None:
    workshop = (await ana.does("room:create", name="workshop", kind="private"))["room"]["slug"]
    async with await listener(house, ana, f"chat:hallway,chat:{workshop}") as reader:
        await reader.opens()
        await ana.sends("a", workshop)
        await reader.sees("a")
        await reader.leaves()
        await ana.sends("b", "hallway")
        await ana.sends("c", workshop)
        await reader.opens()
        await eventually(lambda: len(reader.texts()) == 3, "both came")
        assert sorted(reader.texts()) == ["a", "b", "c"]


async def test_the_cursor_may_be_in_the_address(house: House, ana: Member) -> None:
    async with await listener(house, ana, "chat:hallway") as reader:
        await reader.opens()
        missed = list[str]()
        for name in ("last_event_id", "lastEventId", "Last-Event-ID"):
            await reader.leaves()
            missed.append(f"missed by {name}")
            await ana.sends(missed[-1])
            reader.id_field = name
            await reader.opens()
            await eventually(lambda: reader.texts() == missed, "each came, once")


async def test_the_header_comes_before_the_address(house: House, ana: Member) -> None:
    async with await listener(house, ana, "chat:hallway") as reader:
        await reader.opens()
        await ana.sends("known")
        await reader.sees("known")
        await reader.leaves()
        await ana.sends("new")
        reader.headers["Last-Event-ID"] = reader.last_id or ""
        reader.last_id, reader.id_field = "what is this?", "lastEventId"
        await reader.opens()
        await eventually(lambda: reader.texts() == ["known", "new"], "the new one came")
        assert not any(batch.data.get("reset") for batch in reader.told("chat"))


async def test_cursor_that_nobody_can_read_brings_a_snapshot_that_says_so(
    house: House, ana: Member
) -> None:
    await ana.sends("held")
    async with await listener(house, ana, "chat:hallway,notifications") as reader:
        reader.last_id = "what is this?"
        await reader.opens()
        await reader.sees("held")
        await reader.hears("notifications")
        for name in ("chat", "notifications"):
            assert reader.told(name)[0].data["reset"] is True


async def test_notifications_come_with_their_count(house: House, ana: Member, ben: Member) -> None:
    async with await listener(house, ben, "notifications") as reader:
        await reader.opens()
        await ana.sends("look here, @ben")
        batch = await reader.hears("notifications")
        assert batch.data["unread"] == 1
        assert batch.data["items"][0]["category"] == "mention"
        await reader.leaves()
        await ana.sends("again, @ben")
        await reader.opens()
        await eventually(lambda: len(reader.items("notifications")) == 2, "the second one came")
        last = reader.told("notifications")[-1].data
        assert (last["prev"], last["unread"]) == (batch.data["rev"], 2)


async def test_topic_events_come_and_the_lost_are_owned_up_to(database: object) -> None:
    async with open_house(database, topic_events_kept=5) as house:
        ana = await house.welcomes("ana", role="admin")
        async with await listener(house, ana, "topic:lamps") as reader:
            await reader.opens()
            await publish(house, ana, "lamps", {"n": 0})
            await eventually(lambda: len(reader.items("topic")) == 1, "the event came")
            assert reader.items("topic")[0]["data"] == {"n": 0}
            await reader.leaves()
            for n in range(1, 10):
                await publish(house, ana, "lamps", {"n": n})
            await reader.opens()
            await eventually(lambda: len(reader.items("topic")) == 6, "what is kept came")
            late = reader.told("topic")[1].data
            assert (late["reset"], late["lagged"]) == (True, 4)
            assert [i["data"]["n"] for i in late["items"]] == [5, 6, 7, 8, 9]


async def test_ephemeral_topic_begins_with_the_value_that_holds(house: House, ana: Member) -> None:
    token = await house.services.tokens.create(ana.id)
    headers = {"Authorization": f"Bearer {token}"}
    async with aiohttp.ClientSession(house.address, headers=headers) as session:
        body = {"topic": "pointer", "ephemeral": True}
        async with session.post("/api/topics", json=body) as response:
            assert response.status == 201
    await publish(house, ana, "pointer", {"x": 1})
    async with await listener(house, ana, "topic:pointer") as reader:
        await reader.opens()
        await publish(house, ana, "pointer", {"x": 2})
        await eventually(lambda: len(reader.items("topic")) == 2, "both values came")
        assert reader.events[0].name == "connection"
        assert [i["data"]["x"] for i in reader.items("topic")] == [1, 2]


async def publish(house: House, member: Member, topic: str, data: object) -> None:
    token = await house.services.tokens.create(member.id)
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(house.address, headers=headers) as session,
        session.post(f"/api/topics/{topic}/events", json={"data": data}) as response,
    ):
        assert response.status == 201, await response.text()


async def test_analytics_show_admins_the_present_figures(
    house: House, ana: Member, ben: Member
) -> None:
    async with await listener(house, ana, "analytics") as reader:
        await reader.opens()
        shown = await reader.hears("analytics")
        assert "page_views" in shown.data
        assert shown.id is None
    token = await house.services.tokens.create(ben.id)
    status, error = await refusal(house, "?streams=analytics", token=token)
    assert (status, error["code"]) == (403, "forbidden")


async def test_heartbeats_are_comments(database: object) -> None:
    async with (
        open_house(database, heartbeat_interval=0.1) as house,
        Listener(house.address) as reader,
    ):
        await reader.opens()
        await eventually(lambda: len(reader.comments) >= 3, "three heartbeats")


async def test_config_tells_where_and_how(house: House, ana: Member) -> None:
    assert (await _config(house, None))[0] == 401
    token = await house.services.tokens.create(ana.id)
    status, answer = await _config(house, token)
    assert status == 200
    assert answer["sse_url"] == "/api/events"
    assert answer["retry_interval"] == 3000
    assert answer["supported_events"] == ["notifications", "chat", "analytics"]
    assert "topic" in answer["streams"]


async def _config(house: House, token: str | None) -> tuple[int, dict[str, object]]:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{house.address}/api/config/sse") as response,
    ):
        return response.status, await response.json()


def test_cursor_holds_many_streams_and_fits_a_header() -> None:
    keys = [f"chat:{n:024x}" for n in range(50)]
    cursor = written({mark(key): n for n, key in enumerate(keys)})
    assert len(cursor) < 2_000
    position = Position(cursor)
    assert [position.of(key) for key in keys] == list(range(50))
    assert position.of("chat:other") is None


@pytest.mark.parametrize("broken", ["x", "AQ==x", "é", "A" * 4_001, written({mark("a"): 1})[:-2]])
def test_broken_cursor_is_ahead_of_everything(broken: str) -> None:
    assert Position(broken).of("a") == UNREADABLE


def test_no_cursor_is_a_first_visit() -> None:
    assert Position(None).of("a") is None
