"""The nodes for admins: the page, the calls, and taking a node out."""

from argparse import Namespace
from collections.abc import AsyncIterator
from urllib.parse import quote

import aiohttp
import pytest

from app import __version__
from app.cli.nodes import _drain as drain_by_command
from app.errors import NotFound
from app.storage.mongo import Database
from tests.admin.browser import Browser, ids, rows
from tests.chat.conftest import ana, ben, house
from tests.chat.house import House, Member, open_house, settings_of
from tests.harness.services import open_services
from tests.harness.waiting import eventually

__all__ = ["ana", "ben", "house"]

PAGE, API = "/admin/nodes", "/api/admin/nodes"


@pytest.fixture
async def browser(house: House, ana: Member) -> AsyncIterator[Browser]:
    async with Browser(house.address) as browser:
        await browser.enters("ana")
        yield browser


async def test_the_page_shows_each_node_and_what_it_does(house: House, browser: Browser) -> None:
    status, page = await browser.opens(PAGE)
    assert status == 200
    (row,) = rows(page)
    for words in ("in service", f"version {__version__}", "this page", "1 member", "primary"):
        assert words in row
    assert ids(page) == [house.services.nodes.id]


async def test_a_node_is_taken_out_by_the_page_and_audited(house: House, browser: Browser) -> None:
    (node,) = ids((await browser.opens(PAGE))[1])
    assert await browser.sends(f"{PAGE}/drain", id=node) == (303, f"{PAGE}?done=draining")
    assert house.services.core.draining.is_draining
    assert (await browser.opens("/readyz"))[0] == 503
    assert (await browser.opens("/healthz"))[0] == 200
    _, page = await browser.opens(f"{PAGE}?done=draining")
    assert "being drained" in page
    assert "draining" in rows(page)[0]
    assert await browser.sends(f"{PAGE}/stop-draining", id=node) == (303, f"{PAGE}?done=back")
    assert not house.services.core.draining.is_draining
    assert (await browser.opens("/readyz"))[0] == 200
    _, page = await browser.opens(f"{PAGE}?done=back")
    assert "accepts new connections again" in page
    assert "in service" in rows(page)[0]
    trail = (await browser.opens("/admin/audit"))[1]
    assert "Took a node out" in trail
    assert "Put a node back into service" in trail


async def test_new_connections_are_refused_before_a_session_exists(
    house: House, browser: Browser, ana: Member
) -> None:
    house.services.core.draining.begin()
    async with aiohttp.ClientSession(house.address) as http:
        for path in ("/socket.io/?EIO=4&transport=polling", "/ws", "/api/events"):
            async with http.get(path) as answer:
                error = (await answer.json())["error"]
                assert (answer.status, error["code"]) == (503, "unavailable")
                assert answer.headers["Retry-After"] == "1"
    assert ana.client.connected


async def test_the_calls_are_for_admins_who_signed_in(
    house: House, ana: Member, ben: Member, browser: Browser
) -> None:
    token = await house.services.tokens.create(ana.id)
    for bearer, status in ((None, 401), (token, 401)):
        headers = {"Authorization": f"Bearer {bearer}"} if bearer else {}
        async with aiohttp.ClientSession(house.address, headers=headers) as http:
            assert (await http.get(API)).status == status
            for call in (http.post, http.delete):
                assert (await call(f"{API}/any/drain")).status == status
    async with Browser(house.address) as member:
        await member.enters("ben")
        assert (await member.opens(PAGE))[0] == 403
        assert (await member.sends(f"{PAGE}/drain", id="any"))[0] == 403
        assert (await member.sends(f"{PAGE}/stop-draining", id="any"))[0] == 403
        assert (await member.opens(API))[0] == 403
    assert not house.services.core.draining.is_draining


async def test_the_calls_list_nodes_and_take_one_out(house: House, browser: Browser) -> None:
    http = browser._session
    async with http.get(house.address + API) as answer:
        (node,) = (await answer.json())["items"]
    assert node["id"] == house.services.nodes.id
    assert node["state"] == "up"
    assert node["connections"]["websocket"] == 1
    assert node["people_online"] == 1
    assert node["database"]["role"] == "primary"
    origin = {"Origin": house.address}
    async with http.post(f"{house.address}{API}/nothing/drain", headers=origin) as answer:
        assert answer.status == 404
    path = f"{house.address}{API}/{quote(node['name'])}/drain"
    async with http.post(path, headers=origin) as answer:
        said = {"ok": True, "node": node["id"], "nodes": [node["id"]]}
        assert (answer.status, await answer.json()) == (202, said)
    assert house.services.core.draining.is_draining
    async with http.delete(path, headers=origin) as answer:
        assert (answer.status, await answer.json()) == (202, said)
    assert not house.services.core.draining.is_draining


async def test_the_command_takes_out_the_node_on_its_folder(database: Database) -> None:
    async with (
        open_house(database, data_dir="here", drain_after_s=0.01) as house,
        open_services(settings_of({"data_dir": "elsewhere"}), database) as beside,
    ):
        member = await house.welcomes("ana", role="admin")
        with pytest.raises(NotFound):
            await drain_by_command(Namespace(node=None, wait=False, undo=False), beside.features)
    async with (
        open_house(database, data_dir="here", drain_after_s=0.01) as house,
        open_services(settings_of({"data_dir": "here"}), database) as command,
    ):
        member = await house.enters(member.user)
        await member.hears("welcome")
        asked = Namespace(node=None, wait=True, undo=False)
        output = await drain_by_command(asked, command.features)
        assert output.content == {"ok": True, "nodes": [house.services.nodes.id], "connections": 0}
        assert house.services.core.draining.is_draining
        entry = await database.collection("audit").find_one({"kind": "node_drained"})
        assert entry is not None
        assert (entry["name"], entry["user"]) == ("command line", None)
        assert (await member.hears("node:leaving"))["after_ms"] < 1_000
        await eventually(lambda: not member.client.connected, "the node has sent her away")
        back = Namespace(node=None, wait=False, undo=True)
        assert "again" in (await drain_by_command(back, command.features)).text
        assert not house.services.core.draining.is_draining


async def test_welcome_names_the_node(house: House, ana: Member) -> None:
    (welcome,) = ana.told("welcome")
    assert welcome["node"] == house.services.nodes.id
