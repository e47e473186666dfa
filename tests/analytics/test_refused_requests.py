"""Calls that track, refused at the door: what they may hold, how large and how many they may be."""

import json
from typing import Any

import pytest

from app.analytics.routes import MAX_CALL_BYTES
from app.storage.mongo import Database
from tests.analytics.clients import AnalyticsClients
from tests.analytics.past import Past
from tests.chat.house import open_house

PATH = "/api/analytics/events"


async def refused(clients: AnalyticsClients, **more: Any) -> tuple[int, str, str | None]:
    status, answer = await clients.asks(PATH, None, "POST", **more)
    error = json.loads(answer)["error"]
    return status, error["code"], error.get("field")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "event_type"),
        ({"event_type": ""}, "event_type"),
        ({"event_type": "x" * 65}, "event_type"),
        ([{"event_type": "a"}, {"event_type": 7}], "[1].event_type"),
        ([{"event_type": "a"}, {"event_type": "b", "properties": []}], "[1].properties"),
        ({"event_type": "a", "timestamp": "yesterday"}, "timestamp"),
        ("a", None),
    ],
)
async def test_what_is_no_event_is_invalid(
    clients: AnalyticsClients, body: Any, field: str | None
) -> None:
    assert await refused(clients, json=body) == (400, "invalid", field)


async def test_a_call_of_more_than_64_kb_is_too_large(clients: AnalyticsClients) -> None:
    body = json.dumps({"event_type": "a", "properties": {"x": "y" * MAX_CALL_BYTES}})
    headers = {"Content-Type": "application/json"}
    assert (await refused(clients, data=body, headers=headers))[:2] == (413, "too_large")


async def test_forms_are_no_events(clients: AnalyticsClients) -> None:
    assert (await refused(clients, data={"event_type": "a"}))[:2] == (400, "invalid")


async def test_plain_text_of_another_site_is_refused(clients: AnalyticsClients) -> None:
    headers = {"Content-Type": "text/plain", "Origin": "https://elsewhere.example"}
    body = json.dumps({"event_type": "a"})
    assert (await refused(clients, data=body, headers=headers))[:2] == (403, "forbidden")


async def test_an_address_that_calls_too_often_has_to_wait(database: Database, past: Past) -> None:
    async with open_house(database, analytics_calls_per_minute=2) as house:
        clients = AnalyticsClients(house)
        for _ in range(2):
            assert (await clients.asks(PATH, None, "POST", json={}))[0] == 400
        assert (await refused(clients, json={}))[:2] == (429, "rate_limited")
