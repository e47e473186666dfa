"""The access log holds the requests that machines repeat often only when they are refused."""

import aiohttp
from structlog.testing import capture_logs

from app.storage.mongo import Database
from tests.chat.house import open_house

OFTEN = (
    "/static/css/none.css",
    "/healthz",
    "/readyz",
    "/metrics",
    "/socket.io/",
    "/api/analytics/events",
)
JSON = {"Accept": "application/json"}
CODE = "c" * 43


async def test_what_machines_ask_often_is_logged_only_where_it_is_turned_away(
    database: Database,
) -> None:
    async with open_house(database) as house, aiohttp.ClientSession(house.address) as session:
        await house.invites("ana", "admin")
        with capture_logs() as logs:
            for path in OFTEN:
                async with session.get(path) as answer:
                    assert answer.status < 500
            stranger = {"X-Forwarded-For": "203.0.113.7", **JSON}
            async with session.get("/metrics", headers=stranger) as answer:
                assert answer.status == 401
            async with session.get("/login") as answer:
                assert answer.status == 200
            async with session.get(f"/joinn/{CODE}", headers=JSON) as answer:
                assert answer.status == 404
    lines = [(each["route"], each["status"]) for each in logs if each["event"] == "request"]
    # A code in an address that leads nowhere, such as a mistyped one, is not logged.
    assert lines == [("/metrics", 401), ("/login", 200), ("/joinn/…", 404)]
