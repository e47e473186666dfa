"""The admins' page of webhooks, and what is kept of who made and ended which."""

import re

import pytest

from app.hooks import pages
from app.storage.mongo import Database
from tests.admin.browser import Browser, ids, rows
from tests.chat.house import House, Member
from tests.harness.waiting import eventually
from tests.hooks.api_client import ApiClient
from tests.hooks.receiver import Receiver

PAGE = "/admin/hooks"


def value_of(page: str, name: str) -> str:
    """The value of a read-only field."""
    found = re.search(rf'id="{name}"[^>]*value="([^"]+)"', page)
    assert found, page
    return found[1]


async def test_an_incoming_hook_is_made_tested_and_deleted(
    house: House, browser: Browser, api: ApiClient, ana: Member, database: Database
) -> None:
    await ana.joins()
    assert "There is no webhook yet" in (await browser.opens(PAGE))[1]
    status, page = await browser.sends(PAGE, name="CI", kind="room", place="#hallway", url="")
    assert status == 200
    address = value_of(page, "hook-address")
    secret = address.rpartition("/")[2]
    assert (await api.posts({"secret": secret}, text="from outside"))[0] == 200
    await ana.sees("from outside")
    _, page = await browser.opens(PAGE)
    assert secret not in page
    [row], [hook] = rows(page), sorted(set(ids(page)))
    assert "CI incoming, by Ana #hallway on last used" in row
    _, page = await browser.sends(f"{PAGE}/test", id=hook)
    assert "The test is posted." in page
    await ana.sees("This is a test of the webhook “CI”.")
    await browser.sends(f"{PAGE}/switch", id=hook, off="1")
    assert (await api.posts({"secret": secret}, text="x"))[0] == 404
    await browser.sends(f"{PAGE}/switch", id=hook)
    assert (await api.posts({"secret": secret}, text="x"))[0] == 200
    assert await browser.sends(f"{PAGE}/delete", id=hook) == (303, f"{PAGE}?done=deleted")
    kept = [
        (each["kind"], each["about"], each["name"])
        async for each in database.collection("audit").find(
            {"kind": {"$regex": "^hook"}}, sort=[("_id", 1)]
        )
    ]
    assert kept == [
        ("hook_made", "CI", "ana"),
        ("hook_switched", hook, "ana"),
        ("hook_switched", hook, "ana"),
        ("hook_deleted", hook, "ana"),
    ]


async def test_an_outgoing_hook_shows_how_it_is_doing_and_goes_on_when_turned_on(
    browser: Browser, ana: Member, receiver: Receiver
) -> None:
    fields = {"name": "Copy", "kind": "room", "place": "hallway", "url": receiver.url}
    _, page = await browser.sends(PAGE, **fields)
    secret = value_of(page, "hook-secret")
    [hook] = set(ids(page))
    _, page = await browser.sends(f"{PAGE}/test", id=hook)
    assert "The receiver took it: status 200." in page
    [trial] = receiver.tries
    assert trial.is_signed_with(secret)
    assert (trial.content["test"], trial.content["items"]) == (True, [])
    receiver.answers = [500]
    _, page = await browser.sends(f"{PAGE}/test", id=hook)
    assert "The receiver did not take it: status 500." in page
    receiver.answers = [410]
    await ana.sends("x")

    async def is_off() -> bool:
        row = rows((await browser.opens(PAGE))[1])[0]
        return "the receiver answered 410 Gone" in row and "status 410" not in row

    await eventually(is_off, "the page says that it is off, and why")
    await browser.sends(f"{PAGE}/switch", id=hook)
    await receiver.gets(1)

    async def is_on() -> bool:
        row = rows((await browser.opens(PAGE))[1])[0]
        return "on last delivered" in row and "410" not in row

    await eventually(is_on, "the page says that it works again")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"name": " "}, "A name has 1 to 64 characters."),
        ({"place": ""}, "Name a room or a topic"),
        ({"place": "no-such-room"}, "There is no such room"),
        ({"kind": "topic", "place": "a b"}, "topic"),
        ({"url": "ftp://x"}, "Parley only posts to public addresses over https."),
        ({"url": "http://no-such-name.invalid/"}, "This address is not found."),
    ],
)
async def test_what_is_wrong_is_said_beside_the_form(
    browser: Browser, changed: dict[str, str], sentence: str
) -> None:
    fields = {"name": "CI", "kind": "room", "place": "hallway", "url": ""} | changed
    status, page = await browser.sends(PAGE, **fields)
    assert 400 <= status < 500
    assert sentence in page
    assert 'class="error"' in page


async def test_members_are_not_let_in(house: House, ben: Member) -> None:
    async with Browser(house.address) as other:
        await other.enters("ben")
        assert (await other.opens(PAGE))[0] == 403
        for path in ("", "/delete", "/switch", "/test", "/adopt", "/adopt-all"):
            assert (await other.sends(PAGE + path, id="x", name="x", place="hallway"))[0] == 403


async def test_the_list_has_pages_and_what_stopped_comes_first_and_is_adopted_at_once(
    browser: Browser,
    api: ApiClient,
    bens_api: ApiClient,
    ben: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(pages, "ROWS_A_PAGE", 2)
    for name in ("One", "Two"):
        await api.makes(name=name, direction="incoming", room="hallway")
    private = (await ben.does("room:create", name="Ben's", kind="private"))["room"]["id"]
    await ben.does("room:invite", room=private, user="ana")
    hidden = (await ben.does("room:create", name="Hidden", kind="private"))["room"]["id"]
    for name, room in (("Three", private), ("Four", hidden)):
        await bens_api.makes(name=name, direction="incoming", room=room)
        await ben.does("room:quit", room=room)
    _, page = await browser.opens(PAGE)
    assert "2 webhooks have stopped and wait here" in page
    assert [row.split()[0] for row in rows(page)] == ["Three", "Four"]
    assert f"{PAGE}?page=2" in page
    _, page = await browser.opens(f"{PAGE}?page=2")
    assert [row.split()[0] for row in rows(page)] == ["One", "Two"]
    assert f"{PAGE}?page=3" not in page
    assert (await browser.opens(f"{PAGE}?page=3"))[0] == 200
    _, page = await browser.sends(f"{PAGE}/adopt-all")
    assert "You adopted 1 webhook." in page
    assert "A webhook has stopped" in page
    assert [row.split()[0] for row in rows(page)] == ["Four", "One"]
