"""A link of a notification leads to a page here, and to another site only after it was named."""

import re

import aiohttp
import pytest

from app.accounts.models import User
from app.notifications.links import ExternalLink, external_link, internal_path, is_good_link
from app.notifications.models import Notice
from tests.chat.house import House
from tests.notifications.inboxes import Inboxes

HOME = "https://chat.example"

MISLEADING = (
    "//evil.example",
    "/\\evil.example",
    "/\t/evil.example",
    "\\\\evil.example",
    "javascript:alert(1)",
    "JavaScript:alert(1)//https://",
    " https://evil.example",
    "data:text/html,<script>alert(1)</script>",
    "vbscript:x",
    "ftp://evil.example/",
    "https:evil.example",
    "https:/evil.example",
    "https:///evil.example",
    "https://",
    "https://?x",
    "https://evil.example\\@chat.example",
    "https://evil.example:99999/",
    "https://ev%69l.example/",
    "https://\u202eelpmaxe.live/",
    "https://evil.example/\r\nSet-Cookie: a=b",
    "https://e\tvil.example/",
    "",
)


@pytest.mark.parametrize("link", MISLEADING)
def test_what_a_browser_might_read_another_way_is_no_link(link: str) -> None:
    assert not is_good_link(link)
    assert external_link(link) is None
    assert internal_path(link, HOME) is None


@pytest.mark.parametrize(
    ("link", "address", "host"),
    [
        ("https://evil.example/a?b=c#d", "https://evil.example/a?b=c#d", "evil.example"),
        ("https://chat.example@evil.example/", None, "evil.example"),
        ("https://chat.example.evil.example", None, "chat.example.evil.example"),
        ("http://chat.example/", "http://chat.example/", "chat.example"),
        ("https://chat.example:8443/", None, "chat.example"),
        ("HTTPS://Evil.Example", "https://evil.example", "evil.example"),
        ("https://аррӏе.com/", "https://xn--80ak6aa92e.com/", "xn--80ak6aa92e.com"),
        ("https://evil。example/", "https://evil.example/", "evil.example"),
        ("https://evil.example/\u202egnp.exe", "https://evil.example/%E2%80%AEgnp.exe", None),
        ("http://[2001:db8::1]/x", "http://[2001:db8::1]/x", "2001:db8::1"),
    ],
)
def test_another_site_is_named_as_browsers_read_it(
    link: str, address: str | None, host: str | None
) -> None:
    found = external_link(link)
    assert is_good_link(link)
    assert internal_path(link, HOME) is None
    assert found is not None
    assert found == ExternalLink(address or found.address, host or found.host)
    assert found.address.isascii()


@pytest.mark.parametrize(
    ("link", "path"),
    [
        ("/rooms/hallway#1", "/rooms/hallway#1"),
        ("https://chat.example/rooms/hallway?a=b#1", "/rooms/hallway?a=b#1"),
        ("https://chat.example:443/settings", "/settings"),
        ("https://chat.example//evil.example", "/"),
    ],
)
def test_a_page_here_is_a_path_however_it_is_written(link: str, path: str) -> None:
    assert is_good_link(link)
    assert internal_path(link, HOME) == path


async def follows(house: House, user: User, notification_id: str) -> tuple[int, str, str]:
    """Status, where it is sent on to, and the page, for a browser that opens it."""
    _, cookie = await house.services.sessions.begin(user, address="", agent="")
    headers = {"Cookie": f"parley_session={cookie}", "Accept": "text/html"}
    address = f"{house.address}/notifications/{notification_id}"
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(address, allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers.get("Location", ""), await answer.text()


async def test_a_foreign_link_is_shown_and_not_followed(
    house: House, inboxes: Inboxes, ana: User, ben: User
) -> None:
    fields = {"title": "Look", "user_id": "ben", "link": "https://evil.example/<b>?a=1&b=2"}
    _, sent = await inboxes.http("POST", "/api/notifications", ana, json=fields)
    status, location, page = await follows(house, ben, sent["ids"][0])
    assert (status, location) == (200, "")
    assert "evil.example</strong>" in page
    (link,) = re.findall(r'<a href="(https?://[^"]+)"([^>]*)>', page)
    assert link[0] == "https://evil.example/%3Cb%3E?a=1&amp;b=2"
    assert "noopener noreferrer" in link[1]
    assert "http-equiv" not in page
    assert await inboxes.counted(ben) == 0


async def test_a_path_is_followed(house: House, inboxes: Inboxes, ana: User, ben: User) -> None:
    for link in ("/rooms/hallway", f"{house.address}/rooms/hallway"):
        fields = {"title": "Look", "user_id": "ben", "link": link}
        _, sent = await inboxes.http("POST", "/api/notifications", ana, json=fields)
        assert (await follows(house, ben, sent["ids"][0]))[:2] == (303, "/rooms/hallway")


async def test_what_is_stored_already_is_looked_at_again(
    house: House, inboxes: Inboxes, ana: User, ben: User
) -> None:
    """As it was taken before a rule became stricter."""
    for link in MISLEADING:
        sent = await inboxes.sender.send([ben.id], Notice(title="Look", link=link), by=ana.id)
        status, location, page = await follows(house, ben, sent.ids[0])
        assert (status, location) == (303, "/notifications"), link
        assert "evil" not in page
