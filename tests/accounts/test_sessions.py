"""Sessions: recognised by a signed cookie, ended by time, people and admins."""

import asyncio
from unittest.mock import patch

from app.accounts.account_services import AccountServices
from app.accounts.models import Caller, Revoked, User
from app.accounts.secrets import Signer
from app.accounts.sessions import LISTED
from app.accounts.sign_in_limits import Client
from app.accounts.store.users import UserStore
from app.storage.mongo import Database
from tests.accounts.world import HOME, Clock, build, sign_in


async def test_the_cookie_tells_who_it_is(accounts: AccountServices, ana: User) -> None:
    signed_in = await sign_in(accounts, ana)
    caller = await accounts.sessions.resolve(signed_in.cookie)
    assert caller
    assert caller.user == ana
    assert caller.session == signed_in.session.id
    assert caller.may("anything")


async def test_people_who_come_together_are_found_by_few_queries(
    accounts: AccountServices, ana: User, ben: User, database: Database, clock: Clock
) -> None:
    cookies = [(await sign_in(accounts, each)).cookie for each in (ana, ben)]
    elsewhere = build(database, clock)
    with patch.object(UserStore, "by_id", side_effect=AssertionError("a second query")):
        found = await asyncio.gather(*map(elsewhere.sessions.resolve, cookies))
    assert [caller and caller.user for caller in found] == [ana, ben]


async def test_a_changed_cookie_tells_nothing(accounts: AccountServices, ana: User) -> None:
    cookie = (await sign_in(accounts, ana)).cookie
    forged = Signer("another secret", "session").sign("guess")
    for wrong in ("", "x", cookie[:-1], f"{cookie}x", forged, "\ud800", ".", "W10.abc"):
        assert await accounts.sessions.resolve(wrong) is None


async def test_a_value_sealed_for_something_else_is_no_cookie(
    accounts: AccountServices, ana: User
) -> None:
    signed_in = await sign_in(accounts, ana)
    ticket = accounts.tokens.ticket(Caller(user=ana, session=signed_in.session.id)).removeprefix(
        "parley_"
    )
    assert await accounts.sessions.resolve(ticket) is None


async def test_the_database_holds_nothing_that_opens_a_session(
    accounts: AccountServices, ana: User, database: Database
) -> None:
    signed_in = await sign_in(accounts, ana)
    stored = repr(await database.collection("sessions").find({}).to_list(None))
    secret = Signer("a secret of the tests", "session").unsign(signed_in.cookie)
    assert secret not in stored
    assert signed_in.cookie not in stored


async def test_an_idle_session_ends(accounts: AccountServices, ana: User, clock: Clock) -> None:
    cookie = (await sign_in(accounts, ana)).cookie
    clock.turn(days=13.9)
    assert await accounts.sessions.resolve(cookie)
    clock.turn(days=13.9)
    assert await accounts.sessions.resolve(cookie)
    clock.turn(days=14)
    assert await accounts.sessions.resolve(cookie) is None


async def test_a_session_in_use_ends_in_the_end(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    cookie = (await sign_in(accounts, ana)).cookie
    for _ in range(8):
        clock.turn(days=11)
        assert await accounts.sessions.resolve(cookie)
    clock.turn(days=2)
    assert await accounts.sessions.resolve(cookie) is None


async def test_an_open_connection_keeps_its_session_from_going_idle(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    signed_in = await sign_in(accounts, ana)
    for _ in range(3):
        clock.turn(days=10)
        assert await accounts.sessions.ended([signed_in.session.id]) == set()
    clock.turn(days=61)
    assert await accounts.sessions.ended([signed_in.session.id]) == {signed_in.session.id}


async def test_signing_in_again_ends_the_old_session(
    accounts: AccountServices, ana: User, revoked: list[Revoked]
) -> None:
    old = await sign_in(accounts, ana)
    again = Client(address=HOME.address, session=old.session.id)
    new = await sign_in(accounts, ana, again)
    assert new.session.id != old.session.id
    assert new.cookie != old.cookie
    assert await accounts.sessions.resolve(old.cookie) is None
    assert await accounts.sessions.resolve(new.cookie)
    assert revoked == [Revoked(session=old.session.id)]


async def test_ending_a_session_tells_at_once_and_ends_its_token(
    accounts: AccountServices, ana: User, revoked: list[Revoked], database: Database
) -> None:
    signed_in = await sign_in(accounts, ana)
    await accounts.tokens.for_session(signed_in.session)
    await accounts.sessions.end(signed_in.session.id)
    assert revoked == [Revoked(session=signed_in.session.id)]
    assert await database.collection("tokens").count_documents({}) == 0


async def test_my_sessions_are_listed_last_used_first(
    accounts: AccountServices, ana: User, ben: User, clock: Clock
) -> None:
    first = await sign_in(accounts, ana)
    clock.turn(hours=1)
    second = await sign_in(accounts, ana)
    await sign_in(accounts, ben)
    clock.turn(hours=1)
    await accounts.sessions.resolve(first.cookie)
    listed = [session.id for session in await accounts.sessions.of(ana.id)]
    assert listed == [first.session.id, second.session.id]


async def test_a_person_has_as_many_sessions_as_they_like_and_the_last_used_100_are_listed(
    accounts: AccountServices, ana: User
) -> None:
    cookies = [(await sign_in(accounts, ana)).cookie for _ in range(LISTED + 1)]
    assert None not in [await accounts.sessions.resolve(cookie) for cookie in cookies]
    assert len(await accounts.sessions.of(ana.id)) == LISTED == 100
