"""Every address of the server, asked by strangers, members and tokens: what the page on security
says of them holds also for an address that is added tomorrow."""

import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from app.accounts.models import User
from app.storage.mongo import Database
from tests.audit.test_actions import NOT_AUDITED
from tests.chat.house import House, open_house

PAGE = Path(__file__).resolve().parents[2] / "docs" / "SECURITY.md"
UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
# These want a token in their first message, and answer what is no upgrade with a hint.
SOCKETS = {("*", "/socket.io/"), ("GET", "/ws")}
# A token can't reach these: they decide on accounts, on what proves who somebody is, or on what
# acts for somebody.
IN_PERSON = ("/admin", "/settings", "/api/hooks", "/api/session")

# Collections that a node writes by itself, without a request.
OF_THE_NODE = frozenset({"health", "nodes", "push_keys"})

Route = tuple[str, str]


@pytest.fixture
async def house(database: Database) -> AsyncIterator[House]:
    async with open_house(database) as opened:
        yield opened


def routes(house: House) -> Iterator[Route]:
    for route in house.site.web.router.routes():
        if route.resource is not None and route.method != "HEAD":
            yield route.method, route.resource.canonical


async def asked(
    session: aiohttp.ClientSession, house: House, route: Route, **headers: str
) -> tuple[int, str]:
    """The status of an answer, and where it leads."""
    method, path = route
    body = {"json": {}} if path.startswith("/api/") else {"data": {"none": ""}}
    async with session.request(
        "GET" if method == "*" else method,
        house.address + re.sub(r"\{[^}]*\}", "x", path),
        headers=headers,
        allow_redirects=False,
        **(body if method in UNSAFE else {}),  # type: ignore[arg-type]
    ) as answer:
        return answer.status, answer.headers.get("Location", "")


def is_sent_to_sign_in(answer: tuple[int, str]) -> bool:
    return answer[0] == 401 or (answer[0] == 303 and answer[1].startswith("/login"))


def row(of: str) -> str:
    """The row of the page's table of rights."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    return next((line for line in lines if line.startswith(f"| {of} |")), "")


async def test_strangers_are_answered_by_the_addresses_that_the_page_names(house: House) -> None:
    await house.invites("ana", "admin")
    answered = set()
    async with aiohttp.ClientSession() as session:
        for route in routes(house):
            answer = await asked(session, house, route, **{"X-Forwarded-For": "203.0.113.7"})
            if not is_sent_to_sign_in(answer) or route[1] in ("/login", "/logout"):
                answered.add(route)
    named = set(re.findall(r"`(GET|POST) (/[^`]*)`", row("a stranger")))
    assert answered - SOCKETS == named


async def test_members_are_refused_by_every_address_of_admins(house: House) -> None:
    await house.invites("ana", "admin")
    ben = await house.invites("ben")
    _, cookie = await house.services.sessions.begin(ben, address="", agent="")
    of_admins = [
        route for route in routes(house) if route[1].startswith(("/admin", "/api/analytics"))
    ]
    assert len(of_admins) > 30
    async with aiohttp.ClientSession(headers={"Cookie": f"parley_session={cookie}"}) as session:
        let_in = [r for r in of_admins if (await asked(session, house, r))[0] != 403]
    assert let_in == [("POST", "/api/analytics/events")]


async def test_a_token_without_a_session_is_refused_where_accounts_and_proofs_are_decided_on(
    house: House,
) -> None:
    ana = await house.invites("ana", "admin")
    token = await house.services.tokens.create(ana.id)
    closed = [
        route
        for route in routes(house)
        if route[1].startswith(IN_PERSON)
        # Preferences prove nothing, and the last two ask for a secret or a password of their own.
        and not route[1].startswith(("/settings/notifications", "/settings/preferences"))
        and route not in (("POST", "/api/hooks/{hook}"), ("POST", "/api/session"))
    ]
    assert len(closed) > 40
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
        let_in = [r for r in closed if not is_sent_to_sign_in(await asked(session, house, r))]
    assert let_in == []


def test_the_page_names_the_forms_of_admins_that_are_not_audited() -> None:
    exceptions = re.search(r"not kept: ([^.]*)\.", PAGE.read_text(encoding="utf-8"))
    assert exceptions is not None
    assert all(f"`POST {path}`" in exceptions[1] for path in NOT_AUDITED)


async def test_what_is_only_looked_at_changes_nothing(house: House, database: Database) -> None:
    ana = await house.invites("ana", "admin")
    await is_told_something(ana, house)
    _, cookie = await house.services.sessions.begin(ana, address="", agent="")
    looked_at = [route for route in routes(house) if route[0] == "GET"]
    async with aiohttp.ClientSession(headers={"Cookie": f"parley_session={cookie}"}) as session:
        # The first page of a person makes what they need, such as their inbox.
        await asked(session, house, ("GET", "/"))
        before = await everything(database)
        for route in looked_at:
            await asked(session, house, route)
    assert len(looked_at) > 40
    after = await everything(database)
    assert {name for name in after if after[name] != before.get(name, "")} == set()


async def is_told_something(ana: User, house: House) -> None:
    """A notification that she has not read: looking at pages must not read it for her."""
    cleo = await house.invites("cleo", "admin")
    token = await house.services.tokens.create(cleo.id)
    async with (
        aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
        session.post(
            f"{house.address}/api/notifications",
            json={"user_id": ana.id, "title": "Unread", "category": "announcement"},
        ) as answer,
    ):
        assert answer.status == 201, await answer.text()


async def everything(database: Database) -> dict[str, str]:
    """The documents of each collection, except those that the node writes by itself."""
    found = {}
    for name in set(await database.db.list_collection_names()) - OF_THE_NODE:
        if name.startswith(("system.", "analytics_")):
            continue
        documents = [str(each) async for each in database.db[name].find()]
        found[name] = "\n".join(sorted(documents))
    return found
