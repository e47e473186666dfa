"""A request that a proxy passes on is a stranger's, whatever its headers say."""

import aiohttp
import pytest

from app.storage.mongo import Database
from tests.chat.house import House, open_house

UNREADABLE = ("203.0.113.7:51234", "[2001:db8::1]:443", "203.0.113.7, unknown", "unknown", "", "_x")


async def status_of(house: House, *headers: tuple[str, str]) -> int:
    async with (
        aiohttp.ClientSession() as session,
        session.get(f"{house.address}/metrics", headers=headers) as answer,
    ):
        return answer.status


@pytest.mark.parametrize("trusted", [(), ("127.0.0.1",)])
async def test_figures_are_open_to_this_machine_and_through_no_proxy(
    database: Database, trusted: tuple[str, ...]
) -> None:
    async with open_house(database, trusted_proxies=trusted) as house:
        assert await status_of(house) == 200
        for forwarded in (*UNREADABLE, "203.0.113.7", "127.0.0.1", "::1"):
            assert await status_of(house, ("X-Forwarded-For", forwarded)) == 401, forwarded
        for name in ("X-Forwarded-Proto", "X-Real-IP", "Forwarded", "Via", "X-Forwarded-Host"):
            assert await status_of(house, (name, "127.0.0.1")) == 401, name


async def test_strangers_whose_address_cannot_be_read_share_one_limit(database: Database) -> None:
    limits = {"trusted_proxies": ("127.0.0.1",), "connections_per_minute": len(UNREADABLE)}
    async with open_house(database, **limits) as house, aiohttp.ClientSession() as session:

        async def handshake(*lines: str) -> int:
            url = f"{house.address}/socket.io/?EIO=4&transport=polling"
            headers = [("X-Forwarded-For", line) for line in lines]
            async with session.get(url, headers=headers) as answer:
                return answer.status

        for line in ("unknown", "", "_x", "1.2.3.4, unknown", "no", "?"):
            assert await handshake(line) == 200
        assert await handshake("another") == 429
        # The line that the proxy added counts, not the first one.
        assert await handshake("unknown", "203.0.113.7:51234") == 200
        assert await handshake() == 200


async def test_cookie_is_secure_where_the_outermost_proxy_was_spoken_to_over_https(
    database: Database,
) -> None:
    async with (
        open_house(database, trusted_proxies=("127.0.0.1", "10.0.0.0/8")) as house,
        aiohttp.ClientSession() as session,
    ):
        for lines in (["https, http"], ["https", "http"]):
            headers = [("X-Forwarded-Proto", line) for line in lines]
            headers.append(("X-Forwarded-For", "203.0.113.7, 10.0.0.2"))
            async with session.get(f"{house.address}/login", headers=headers) as answer:
                assert "Strict-Transport-Security" in answer.headers


async def test_sockets_are_to_be_opened_over_tls_where_the_page_came_over_it(
    database: Database,
) -> None:
    async with open_house(database, trusted_proxies=("127.0.0.1",)) as house:
        token = await house.services.tokens.create((await house.invites("ana", "admin")).id)
        headers = {"Authorization": f"Bearer {token}"}
        for scheme, sockets in (("https", "wss://"), ("http", "ws://")):
            async with (
                aiohttp.ClientSession(headers=headers) as session,
                session.get(
                    f"{house.address}/api/config/websocket", headers={"X-Forwarded-Proto": scheme}
                ) as answer,
            ):
                assert (await answer.json())["websocket_url"].startswith(sockets)
