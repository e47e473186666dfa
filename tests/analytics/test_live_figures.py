"""Figures and events as they happen, on the admins' connections."""

from datetime import timedelta
from typing import Any

import pytest

from app.accounts.models import User
from app.analytics.live_feed import SHOWN
from app.analytics.models import Accepted
from app.storage.mongo import Database
from app.times import now
from tests.analytics.clients import AnalyticsClient, AnalyticsClients
from tests.analytics.past import Past
from tests.chat.house import House
from tests.harness.waiting import eventually


async def test_figures_come_at_once_and_when_they_change(
    clients: AnalyticsClients, ana: User, past: Past
) -> None:
    one, two = await clients.opens(ana), await clients.opens(ana)
    before = await one.hears("metrics")
    await two.hears("metrics")
    past.happened("bought", now())
    await past.written()
    for looker in (one, two):
        await eventually(lambda it=looker: counts(it).get("bought") == 1, "the figures follow")
    assert before["event_counts"].get("bought") is None


def counts(looker: AnalyticsClient) -> dict[str, int]:
    found: dict[str, int] = looker.told("metrics")[-1]["event_counts"]
    return found


async def test_a_frame_is_one_for_all_admins(
    clients: AnalyticsClients, house: House, ana: User
) -> None:
    await (await clients.opens(ana)).hears("metrics")
    await (await clients.opens(ana)).hears("metrics")
    heard: list[list[Any]] = []
    for connection in house.connections("analytics"):
        heard.append([])
        connection.send = heard[-1].append  # type: ignore[method-assign]
    one, other = heard
    house.services.analytics.live._said = None
    # One of them may have had its copy of another frame just before.
    await eventually(lambda: any(a is b for a in one for b in other), "both get the same one")


async def test_the_feed_shows_what_other_nodes_wrote_once(
    clients: AnalyticsClients, ana: User, ben: User, past: Past
) -> None:
    looker = await clients.opens(ana)
    await looker.does("feed:start")
    nasty = {"$set": "<b>bold</b>", "a.b": {"c": [1, None]}}
    past.happened("bought", now(), f"u:{ben.id}", **nasty)
    past.happened("bought", now() - timedelta(minutes=1))
    await past.written()
    batch = await looker.hears("events")
    # Another event shows that the first one is not told again.
    past.happened("left", now(), "s:tab-1")
    await past.recorded()
    await eventually(lambda: of_type(looker, "left") != [], "the second event")
    [item] = of_type(looker, "bought")
    assert (item["user_id"], item["user_name"]) == (ben.id, ben.name)
    assert item["properties"] == nasty
    assert batch["skipped"] == 0
    [left] = of_type(looker, "left")
    assert (left["user_id"], left["session_id"]) == (None, "tab-1")
    assert "user_name" not in left


def of_type(looker: AnalyticsClient, event_type: str) -> list[dict[str, Any]]:
    return [item for item in looker.items if item["event_type"] == event_type]


async def test_the_feed_can_be_narrowed_and_stopped(
    clients: AnalyticsClients, ana: User, past: Past
) -> None:
    all_of_it, some = await clients.opens(ana), await clients.opens(ana)
    await all_of_it.does("feed:start")
    await some.does("feed:start", types=["bought"])
    past.happened("bought", now())
    past.happened("looked", now())
    await past.written()
    await eventually(lambda: of_type(some, "bought") != [], "the type that was chosen")
    await eventually(lambda: of_type(all_of_it, "looked") != [], "every type")
    assert of_type(some, "looked") == []
    await some.does("feed:stop")
    past.happened("bought", now())
    await past.recorded()
    await eventually(lambda: len(of_type(all_of_it, "bought")) == 2, "who still follows")
    await some.does("metrics")
    assert len(of_type(some, "bought")) == 1


@pytest.mark.parametrize("types", [[], ["bought"]])
async def test_a_flood_is_shown_in_part_and_told_in_number(
    clients: AnalyticsClients, ana: User, past: Past, types: list[str]
) -> None:
    looker = await clients.opens(ana)
    await looker.does("feed:start", types=types)
    for _ in range(SHOWN + 30):
        past.happened("bought", now())
    await past.written()

    def told() -> int:
        flood = looker.told("events")
        assert all(len(batch["items"]) <= SHOWN for batch in flood)
        return len(of_type(looker, "bought")) + sum(batch["skipped"] for batch in flood)

    await eventually(lambda: told() >= SHOWN + 30, "all of it, shown or counted")
    assert len({item["id"] for item in looker.items}) == len(looker.items)


async def test_long_events_are_shown_as_far_as_a_frame_holds_them(
    clients: AnalyticsClients, ana: User, past: Past
) -> None:
    looker = await clients.opens(ana)
    await looker.does("feed:start")
    for _ in range(30):
        past.happened("bought", now(), "s:tab-1", text="x" * 60_000)
    await past.written()

    def told() -> int:
        return len(looker.items) + sum(batch["skipped"] for batch in looker.told("events"))

    await eventually(lambda: told() == 30, "all of it, shown or counted")
    assert looker.items != []


async def test_nothing_is_gathered_while_nobody_follows(
    clients: AnalyticsClients, house: House, ana: User, database: Database
) -> None:
    looker = await clients.opens(ana)
    await looker.does("feed:start")
    await looker.client.disconnect()
    await eventually(lambda: not house.services.analytics.feed._followers, "nobody follows")
    await eventually(lambda: not house.services.analytics.live._lookers, "nobody looks")


async def test_what_this_node_accepted_is_shown_once_also_when_it_is_written(
    clients: AnalyticsClients, house: House, ana: User, past: Past
) -> None:
    looker = await clients.opens(ana)
    await looker.does("feed:start")
    moment = now()
    past.happened("bought", moment, f"u:{ana.id}", item="=1")
    [document] = past._raw
    accepted = Accepted(
        id=document["id"],
        event_type="bought",
        user_id=ana.id,
        session_id=None,
        visitor=f"u:{ana.id}",
        properties={"item": "=1"},
        timestamp=moment,
        arrived=moment,
    )
    house.services.analytics.feed.accepted([accepted])
    await looker.hears("events")
    past.happened("left", now())
    await past.recorded()
    await eventually(lambda: of_type(looker, "left") != [], "what came later")
    [item] = of_type(looker, "bought")
    assert (item["id"], item["properties"]) == (document["id"], {"item": "=1"})
