"""Pages of rooms are called as the admin who looks may know them."""

import json
from datetime import timedelta
from typing import Any

import aiohttp
import pytest

from app.accounts.models import User
from app.analytics.feature import Analytics
from app.analytics.private_pages import PrivatePages
from app.analytics.store.page_names import PageNameStore
from app.storage.mongo import Database
from app.times import now
from tests.analytics.clients import AnalyticsClients
from tests.analytics.past import Past
from tests.chat.house import House, Member
from tests.harness.waiting import eventually

# Within the last thirty days, which a breakdown reads.
AT = now() - timedelta(hours=1)


@pytest.fixture
async def talker(house: House, ben: User) -> Member:
    return await house.enters(ben)


async def _views(house: House, user: User, *paths: str) -> None:
    token = await house.services.tokens.create(user.id)
    views = [
        {"event_type": "page_view", "session_id": "s", "properties": {"path": path}}
        for path in paths
    ]
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(f"{house.address}/api/analytics/events", json=views) as answer,
    ):
        assert answer.status == 202


async def _names(clients: AnalyticsClients, user: User, *paths: str) -> dict[str, Any]:
    """The same over HTTP and over Socket.IO."""
    asked = "&".join(f"paths={path}" for path in paths)
    _, text = await clients.asks(f"/api/analytics/page-names?{asked}", user)
    looker = await clients.opens(user)
    answer = await looker.does("page_names", paths=list(paths))
    assert json.loads(text)["names"] == answer["names"]
    names: dict[str, Any] = answer["names"]
    return names


async def test_the_name_of_a_private_room_is_in_no_figure_and_for_its_members_only(
    house: House, ana: User, talker: Member, clients: AnalyticsClients
) -> None:
    room = (await talker.does("room:create", name="Secret plan", kind="private"))["room"]
    assert room["slug"].startswith("secret-plan")
    await _views(house, talker.user, f"/rooms/{room['slug']}", f"/rooms/{room['slug']}?at=1")
    path = f"/rooms/{room['id']}"

    async def is_counted() -> bool:
        _, text = await clients.asks("/api/analytics/metrics", ana)
        assert "secret" not in text
        return any(each == {"name": path, "n": 2} for each in json.loads(text)["top_pages"])

    await eventually(is_counted, "both views are counted under the id")
    _, values = await clients.asks(
        "/api/analytics/breakdown?event_type=page_view&property=path", ana
    )
    assert "secret" not in values
    assert await _names(clients, ana, path) == {path: {"kind": "private", "name": None}}
    await talker.does("room:invite", room=room["id"], user="ana")
    assert await _names(clients, ana, path) == {path: {"kind": "private", "name": "Secret plan"}}


async def test_a_direct_conversation_has_both_names_for_those_two(
    house: House, ana: User, talker: Member, cleo: User, clients: AnalyticsClients
) -> None:
    mine = (await talker.does("direct:open", user="ana"))["room"]
    other = (await talker.does("direct:open", user="cleo"))["room"]
    paths = [
        f"/rooms/{mine['slug']}",
        f"/rooms/{other['slug']}",
        "/rooms/hallway",
        "/rooms/no",
        "/",
    ]
    assert await _names(clients, ana, *paths) == {
        paths[0]: {"kind": "direct", "name": "Ana, Ben"},
        paths[1]: {"kind": "direct", "name": None},
        paths[2]: {"kind": "open", "name": "hallway"},
    }


async def test_what_older_versions_counted_by_a_private_slug_goes_at_the_start(
    house: House,
    ana: User,
    talker: Member,
    clients: AnalyticsClients,
    past: Past,
    database: Database,
) -> None:
    room = (await talker.does("room:create", name="Secret plan", kind="private"))["room"]
    slug = f"/rooms/{room['slug']}"
    for path in (slug, f"{slug}?at=1", "/rooms/hallway", "/settings"):
        past.happened("page_view", AT, "u:ben", path=path)
    await past.written()
    names = database.collection("analytics_names")
    kept = [{"name": path, "day": 1} for path in (slug, "/settings")]
    await names.update_one(
        {"_id": "page"}, {"$set": {"used": kept, "strangers": kept, "names": [slug]}}, upsert=True
    )

    features = house.services.features
    private = PrivatePages(PageNameStore(database), features[Analytics].paths)
    assert [await private.forget() for _ in range(2)] == [2, 0]

    stored = await names.find_one({"_id": "page"})
    assert stored is not None
    left = [{"name": "/settings", "day": 1}]
    assert (stored["used"], stored["strangers"], stored["names"]) == (left, left, [])
    rollups = database.collection("analytics_rollups")
    series = {each["series"] async for each in rollups.find({"series": {"$gte": "page:"}})}
    assert {s for s in series if "secret" in s} == set()
    assert {"page:/rooms/hallway", "page:/settings", "page_views"} <= series
    # Raw events end by themselves; what is asked of them meanwhile doesn't tell it.
    _, values = await clients.asks(
        "/api/analytics/breakdown?event_type=page_view&property=path", ana
    )
    assert "secret" not in values
    assert f"/rooms/{room['id']}" in values
