"""Whom Parley posts to because a browser said so, and what it takes from a browser at all."""

import socket
from typing import Any

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from app.accounts.models import User
from app.errors import Invalid
from app.notifications.push.client import PushClient
from app.notifications.push.models import Keys, Subscription, check_keys
from app.notifications.push.payload import PushMessage
from app.notifications.push.store import KeyStore
from app.notifications.push.vapid_key import VapidKeys
from app.outbound.endpoints import Endpoints
from app.storage.mongo import Database
from app.times import now
from tests.notifications.post_office import PostOffice
from tests.notifications.push_service import Browser, PushService, open_push_service

PUBLIC = "142.250.0.1"


class Names(AbstractResolver):
    """A resolver that says what it is told, one answer after the other."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if not found:
            raise OSError("no such name")
        return [
            {"hostname": host, "host": h, "port": port, "family": family, "proto": 0, "flags": 0}
            for h in found
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/1",
        "https://127.0.0.1/1",
        "https://[::1]/1",
        "https://[::ffff:127.0.0.1]/1",
        "https://10.1.2.3:8443/1",
        "https://[::127.0.0.1]/1",
        "https://[::7f00:1]:8443/1",
        "https://[64:ff9b:1::7f00:1]/1",
        "https://[fe80::1%25eth0]/1",
        "https://127.1/1",
        "https://2130706433/1",
        "https://0177.0.0.1/1",
        "https://0x7f.1/1",
        "https://0/1",
        "https://127.0.0.1./1",
        "https://142.250.1/1",
        "https://\N{FULLWIDTH DIGIT ONE}27.0.0.1/1",
        "https://127\N{IDEOGRAPHIC FULL STOP}0.0.1/1",
        "https://localhost/1",
        "https://LOCALHOST.:8443/1",
        "https://chat.localhost/1",
        "https://push.example%2f/1",
        "https://push example/1",
        "https://user:word@push.example/1",
        "https://user@push.example/1",
        "https:///1",
        "https://[::1/1",
        "ftp://push.example/1",
        "file:///etc/passwd",
        "/1",
        "push.example/1",
        "javascript:alert(1)",
    ],
)
async def test_what_is_not_public_https_is_refused_unasked(endpoint: str) -> None:
    names = Names([PUBLIC])
    with pytest.raises(Invalid) as refused:
        await Endpoints("endpoint", allow_private=False, resolver=names).admit(endpoint)
    assert refused.value.field == "endpoint"
    assert names.asked == 0


@pytest.mark.parametrize("found", [["127.0.0.1"], ["10.0.0.1", "fd00::1"], ["169.254.169.254"], []])
async def test_a_name_that_leads_inside_is_refused(found: list[str]) -> None:
    with pytest.raises(Invalid):
        await Endpoints("endpoint", allow_private=False, resolver=Names(found)).admit(
            "https://push.example/1"
        )


async def test_a_name_that_leads_outside_is_taken() -> None:
    await Endpoints("endpoint", allow_private=False, resolver=Names([PUBLIC])).admit(
        "https://push.example/1"
    )


async def test_only_the_public_ones_of_several_addresses_are_connected_to() -> None:
    endpoints = Endpoints("endpoint", allow_private=False, resolver=Names(["10.0.0.1", PUBLIC]))
    found = await endpoints.resolver.resolve("push.example", 443)
    assert [each["host"] for each in found] == [PUBLIC]


async def test_the_setting_allows_a_network_of_ones_own() -> None:
    endpoints = Endpoints("endpoint", allow_private=True)
    for endpoint in ("http://127.0.0.1:8080/1", "https://10.0.0.1/1"):
        await endpoints.admit(endpoint)
    with pytest.raises(Invalid):
        await endpoints.admit("ftp://127.0.0.1/1")


def subscription_of(browser: Browser, endpoint: str) -> Subscription:
    return Subscription(
        id="s1",
        user="u1",
        session="s1",
        endpoint=endpoint,
        keys=browser.asks.keys,
        site="https://chat.example.org",
        created=now(),
        rev=0,
    )


MESSAGE_OF_OURS = PushMessage(payload=b"{}", ttl_s=60, urgency="normal", topic="t")


async def test_a_name_that_turned_inside_since_is_not_connected_to(database: Database) -> None:
    async with open_push_service() as service:
        browser = Browser(service, "phone")
        port = service.address.rpartition(":")[2]
        names = Names([PUBLIC], ["127.0.0.1"])
        endpoints = Endpoints("endpoint", allow_private=False, resolver=names)
        endpoint = f"https://rebound.example:{port}/to/phone"
        await endpoints.admit(endpoint)
        async with PushClient(VapidKeys(KeyStore(database)), endpoints, now) as sender:
            outcome = await sender.send(subscription_of(browser, endpoint), MESSAGE_OF_OURS)
        assert outcome.kind == "later"
        assert names.asked == 2
        assert browser.tries == 0


async def test_what_is_no_longer_allowed_is_gone(database: Database) -> None:
    async with open_push_service() as service:
        browser = Browser(service, "phone")
        endpoints = Endpoints("endpoint", allow_private=False)
        async with PushClient(VapidKeys(KeyStore(database)), endpoints, now) as sender:
            outcome = await sender.send(subscription_of(browser, browser.endpoint), MESSAGE_OF_OURS)
        assert outcome.kind == "gone"
        assert browser.tries == 0


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


async def test_over_http(office: PostOffice, ben: User) -> None:
    house = office.house
    status, told = await office.http("GET", "/api/push/key", ben)
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


async def test_strangers_get_the_worker_and_nothing_else(office: PostOffice) -> None:
    async with aiohttp.ClientSession(office.house.address) as stranger:
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


async def test_a_token_that_may_not_read_notifications_cannot_subscribe(
    office: PostOffice, ben: User
) -> None:
    for method, path in (("GET", "key"), ("POST", "subscriptions"), ("DELETE", "subscriptions")):
        status, _ = await office.http(method, f"/api/push/{path}", ben, scopes=["metrics:read"])
        assert status == 403
