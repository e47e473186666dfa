"""The admins' list of connections, and the button that ends a connection."""

import pytest

from app.admin.connection_list import ConnectionList
from app.realtime.server_event import Event
from tests.admin.browser import Browser, ids, rows
from tests.chat.house import House, Member
from tests.harness.client import connect
from tests.harness.waiting import eventually

PAGE = "/admin/connections"


async def test_each_connection_is_a_row_with_who_where_from_and_how(
    house: House, browser: Browser, ben: Member
) -> None:
    await house.again(ben, polling=True)
    status, page = await browser.opens(f"{PAGE}?who=ben")
    assert status == 200
    newest, first = rows(page)
    for row in (newest, first):
        assert "Ben" in row
        assert "@ben" in row
        assert "127.0.0.1" in row
        assert "0 Bytes" in row
    assert "websocket" in first
    assert "polling" in newest


async def test_open_rooms_are_named_and_private_ones_only_counted(
    browser: Browser, ana: Member, ben: Member
) -> None:
    await ben.joins("hallway")
    made = await ben.does("room:create", name="Secret garden", kind="private")
    await ben.joins(made["room"]["id"])
    _, page = await browser.opens(f"{PAGE}?who=ben")
    (row,) = rows(page)
    assert "and 1 private" in row
    assert "hallway" in row
    assert "garden" not in page


async def test_namespaces_of_one_transport_are_one_row(
    house: House, browser: Browser, ben: Member
) -> None:
    token = await house.services.tokens.create(ben.id)
    client = type(ben.client)(reconnection=False)
    await connect(client, house.address, token, "/chat", "/notifications")
    await eventually(lambda: len(house.connections("notifications")) == 1, "both are open")
    _, page = await browser.opens(f"{PAGE}?who=ben")
    assert [("chat, notifications" in row) for row in rows(page)] == [True, False]
    await client.disconnect()


async def test_what_a_client_has_not_read_is_shown_in_bytes(house: House, ben: Member) -> None:
    (connection,) = house.connections("chat").of(ben.id)
    assert connection.buffered_bytes == 0
    # Nothing is awaited in between, so he reads nothing; the network takes a few megabytes.
    for _ in range(150):
        connection.send(Event("test", "é" * 50_000))
    assert 5_000_000 < connection.buffered_bytes < 15_100_000
    await ben.sends("all is read")
    await eventually(lambda: connection.buffered_bytes == 0, "all is read")


async def test_disconnecting_ends_that_connection_and_no_other(
    house: House, browser: Browser, ben: Member
) -> None:
    second = await house.again(ben)
    _, page = await browser.opens(f"{PAGE}?who=ben")
    newest, _first = ids(page)
    assert await browser.sends(f"{PAGE}/end", id=newest) == (303, f"{PAGE}?done=ended")
    await second.is_cut_off()
    assert ben.client.connected
    assert (await browser.opens(f"{PAGE}?done=ended"))[0] == 200
    await eventually(lambda: len(house.connections("chat").of(ben.id)) == 1, "its row is gone")
    assert await browser.sends(f"{PAGE}/end", id=newest) == (303, f"{PAGE}?done=gone")
    await ben.sends("still here")


async def test_the_list_is_newest_first_and_comes_in_pages(
    house: House, browser: Browser, ana: Member, ben: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.admin.pages.PAGE", 1)
    _, page = await browser.opens(PAGE)
    assert ["@ben" in row for row in rows(page)] == [True]
    assert "page=2" in page
    _, page = await browser.opens(f"{PAGE}?page=2")
    assert ["@ana" in row for row in rows(page)] == [True]
    assert "page=1" in page
    assert "page=3" not in page


async def test_nobody_found_is_said(browser: Browser) -> None:
    status, page = await browser.opens(f"{PAGE}?who=<b>nobody")
    assert status == 200
    assert "“&lt;b&gt;nobody”" in page


async def test_the_way_in_leads_to_analytics(browser: Browser) -> None:
    assert await browser.opens("/admin") == (303, "/admin/analytics")


@pytest.mark.parametrize("path", ["/admin", PAGE])
async def test_members_are_refused_and_strangers_sent_to_sign_in(
    house: House, ben: Member, path: str
) -> None:
    async with Browser(house.address) as browser:
        assert await browser.opens(path) == (303, f"/login?next={path}")
        await browser.enters("ben")
        assert (await browser.opens(path))[0] == 403
        (line,) = ConnectionList(
            house.services.core.signals.connections, house.services.chat.lifecycle.opened
        ).open("ben")
        assert (await browser.sends(f"{PAGE}/end", id=line.id))[0] == 403
    assert ben.client.connected


async def test_an_id_on_the_page_is_no_key_to_the_transport(
    house: House, browser: Browser, ben: Member
) -> None:
    _, page = await browser.opens(PAGE)
    for eio_sid in house.site.sockets.eio.sockets:
        assert eio_sid not in page
