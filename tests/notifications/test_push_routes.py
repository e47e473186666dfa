"""Web Push over HTTP: what it takes from a browser, and from whom."""

from typing import Any

import aiohttp
import pytest

from app.accounts.models import User
from app.errors import Invalid
from app.notifications.push.models import Keys, check_keys
from tests.notifications.inboxes import Inboxes
from tests.notifications.push_service import Browser, PushService

GOOD = Browser(PushService(), "good").asks.keys


@pytest.mark.parametrize(
    "keys",
    [
        Keys(p256dh="AAAA", auth=GOOD.auth),
        Keys(p256dh="B" + "A" * 86, auth=GOOD.auth),
        Keys(p256dh=GOOD.p256dh, auth="AAAA"),
        Keys(p256dh=GOOD.p256dh, auth="A"),
        Keys(p256dh="", auth=""),
    ],
)
def test_keys_that_nothing_can_be_encrypted_with_are_refused(keys: Keys) -> None:
    with pytest.raises(Invalid):
        check_keys(keys)


def test_keys_are_taken_with_padding_and_without() -> None:
    check_keys(GOOD)
    check_keys(Keys(p256dh=GOOD.p256dh + "=", auth=GOOD.auth + "=="))


async def test_over_http(inboxes: Inboxes, ben: User) -> None:
    house = inboxes.house
    status, told = await inboxes.http("GET", "/api/push/key", ben)
    assert (status, len(told["key"])) == (200, 87)
    signed_in = await house.services.sessions.begin(ben, address="192.0.2.7", agent="tests")
    token = await house.services.tokens.for_session(signed_in[0])
    service = PushService()
    service.address = "http://127.0.0.1:1"
    inside = Browser(service, "inside").subscription

    async def asks(method: str, path: str, **more: Any) -> tuple[int, Any]:
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.request(method, f"{house.address}{path}", **more) as answer,
        ):
            return answer.status, await answer.json()

    status, told = await asks("POST", "/api/push/subscriptions", json=inside)
    assert (status, told["error"]["code"], told["error"]["field"]) == (400, "invalid", "endpoint")
    status, told = await asks("POST", "/api/push/subscriptions", json={"endpoint": "https://x"})
    assert (status, told["error"]["field"]) == (400, "keys")
    assert await asks("GET", "/api/push/subscriptions") == (200, {"items": []})
    status, _ = await asks("DELETE", "/api/push/subscriptions", json={"endpoint": "https://x"})
    assert status == 200


async def test_strangers_get_the_worker_and_nothing_else(inboxes: Inboxes) -> None:
    async with aiohttp.ClientSession(inboxes.house.address) as stranger:
        for path in ("/api/push/key", "/api/push/subscriptions"):
            async with stranger.get(path) as answer:
                assert answer.status == 401
        async with stranger.get("/push-worker.js") as answer:
            assert answer.status == 200
            assert answer.content_type == "text/javascript"
            assert answer.headers["Service-Worker-Allowed"] == "/"
            assert answer.headers["Cache-Control"] == "no-cache"
            policy = answer.headers["Content-Security-Policy"]
            assert policy.startswith("default-src 'none'; connect-src 'self';")
            # Both parts of the one worker, and what makes another release another worker.
            script = await answer.text()
            assert "pushsubscriptionchange" in script
            assert "keepShell" in script
            assert "self.parleyRelease = " in script


async def test_a_token_that_may_not_read_notifications_cannot_subscribe(
    inboxes: Inboxes, ben: User
) -> None:
    for method, path in (("GET", "key"), ("POST", "subscriptions"), ("DELETE", "subscriptions")):
        status, _ = await inboxes.http(method, f"/api/push/{path}", ben, scopes=["metrics:read"])
        assert status == 403
