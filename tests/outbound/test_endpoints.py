"""Addresses that Parley posts to: public ones over https, checked again at each connection."""

import socket

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from app.errors import Invalid
from app.outbound.endpoints import Endpoints
from app.outbound.http_client import NOT_ALLOWED, HttpClient
from tests.notifications.push_service import Browser, open_push_service

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


async def test_a_name_that_turned_inside_since_is_not_connected_to() -> None:
    async with open_push_service() as service:
        browser = Browser(service, "phone")
        port = service.address.rpartition(":")[2]
        names = Names([PUBLIC], ["127.0.0.1"])
        endpoints = Endpoints("endpoint", allow_private=False, resolver=names)
        endpoint = f"https://rebound.example:{port}/to/phone"
        await endpoints.admit(endpoint)
        async with HttpClient(endpoints, within_s=5, connections=1) as client:
            response = await client.post(endpoint, b"{}", {})
        assert response.status is None
        assert names.asked == 2
        assert browser.tries == 0


async def test_what_is_no_longer_allowed_is_not_connected_to() -> None:
    async with open_push_service() as service:
        browser = Browser(service, "phone")
        endpoints = Endpoints("endpoint", allow_private=False)
        async with HttpClient(endpoints, within_s=5, connections=1) as client:
            response = await client.post(browser.endpoint, b"{}", {})
        assert (response.status, response.reason) == (None, NOT_ALLOWED)
        assert browser.tries == 0
