"""An admin names the server, and every page says so."""

import asyncio
import json
from typing import Any

import aiohttp
import pytest

from app.accounts.models import Caller
from app.errors import Invalid
from app.server_name.feature import ServerNaming
from app.server_name.server_name import ServerName
from app.storage.mongo import Database
from tests.admin.browser import Browser
from tests.chat.house import House, Member, open_house
from tests.harness.callers import in_person
from tests.harness.waiting import eventually


def naming(house: House) -> ServerName:
    return house.services.features[ServerNaming].server_name


async def read(browser: Browser, path: str) -> Any:
    status, text = await browser.opens(path)
    assert status == 200
    return json.loads(text)


async def test_a_name_stands_where_the_servers_own_stood(house: House, ana: Member) -> None:
    async with Browser(house.address) as browser, Browser(house.address) as guest:
        assert "<title>Sign in · Parley</title>" in (await guest.opens("/login"))[1]
        await browser.enters("ana")
        assert await browser.sends("/admin/server", name="  Harbour Choir  ") == (
            303,
            "/admin/server?done=renamed",
        )
        code = await house.services.accounts.administration.invite(in_person(ana.user), 1)
        for path, title in (
            ("/login", "Sign in · Harbour Choir"),
            (f"/join/{code}", "Join Harbour Choir"),
        ):
            page = (await guest.opens(path))[1]
            assert f"<title>{title}</title>" in page
            assert '<span dir="auto">Harbour Choir</span>' in page
            # The software keeps its name.
            assert "About Parley" in page
        room = (await browser.opens("/rooms/hallway"))[1]
        assert "hallway · Harbour Choir</title>" in room
        assert '"app_name":"Harbour Choir"' in room
        manifest = await read(guest, "/manifest.webmanifest")
        assert (manifest["name"], manifest["short_name"]) == ("Harbour Choir", "Harbour Choir")
        assert {icon["sizes"] for icon in manifest["icons"]} == {"any", "192x192", "512x512"}
        async with aiohttp.ClientSession(house.address) as session:
            for icon in manifest["icons"]:
                async with session.get(icon["src"]) as answer:
                    assert (answer.status, answer.content_type) == (200, icon["type"])
        assert await read(guest, "/api/server") == {"name": "Harbour Choir"}
        assert 'value="Harbour Choir"' in (await browser.opens("/admin/server"))[1]


async def test_browsers_keep_the_shell_anew_when_the_name_changes(
    house: House, ana: Member
) -> None:
    async with Browser(house.address) as guest:
        worker = (await guest.opens("/push-worker.js"))[1]
        assert (await guest.opens("/push-worker.js"))[1] == worker
        await naming(house).rename(in_person(ana.user), "Harbour Choir")
        renamed = (await guest.opens("/push-worker.js"))[1]
        assert renamed != worker
        assert '"server":"Harbour Choir"' in renamed


@pytest.mark.parametrize("name", ["", "   ", "\u200b", "x" * 61, "a\u202eb", "x" * 500_000])
async def test_a_name_is_one_line_of_sixty_characters_that_can_be_seen(
    house: House, ana: Member, name: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await naming(house).rename(in_person(ana.user), name)
    assert refused.value.field == "name"
    assert naming(house).current == "Parley"
    assert not naming(house).is_chosen


async def test_the_form_says_what_was_wrong_and_keeps_what_was_typed(
    house: House, ana: Member
) -> None:
    async with Browser(house.address) as browser:
        await browser.enters("ana")
        status, page = await browser.sends("/admin/server", name="<b>" + "x" * 80)
        assert status == 400
        assert "&lt;b&gt;xxx" in page
        assert "60 characters" in page


async def test_the_content_policy_holds_for_it(database: Database) -> None:
    async with open_house(database, content_policy="reject") as house:
        ana = await house.welcomes("ana", role="admin")
        with pytest.raises(Invalid):
            await naming(house).rename(in_person(ana.user), "<script>")


async def test_a_member_changes_nothing_and_sees_no_form(
    house: House, ana: Member, ben: Member
) -> None:
    async with Browser(house.address) as browser:
        await browser.enters("ben")
        assert (await browser.opens("/admin/server"))[0] == 403
        assert (await browser.sends("/admin/server", name="Ben's"))[0] == 403
    assert naming(house).current == "Parley"


async def test_a_programs_token_names_nothing(house: House, ana: Member) -> None:
    caller = Caller(user=ana.user, token="t")
    with pytest.raises(Exception, match="sign in"):
        await naming(house).rename(caller, "Programs")


async def test_another_node_shows_it_too(house: House, ana: Member, database: Database) -> None:
    async with open_house(database) as elsewhere:
        await naming(house).rename(in_person(ana.user), "Both of us")
        there = naming(elsewhere)
        await eventually(lambda: there.current == "Both of us", "the other node knows the name")


async def test_a_read_that_a_change_overtook_brings_no_old_name_back(
    house: House, ana: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    name, read, goes_on = naming(house), asyncio.Event(), asyncio.Event()

    async def slow() -> str | None:
        read.set()
        await goes_on.wait()
        return "Before"

    with monkeypatch.context() as patched:
        patched.setattr(name._store, "name", slow)
        refresh = asyncio.create_task(name.refresh())
        await read.wait()
        await name.rename(in_person(ana.user), "After")
        goes_on.set()
        await refresh
    assert name.current == "After"
    await name.refresh()
    assert name.current == "After"
