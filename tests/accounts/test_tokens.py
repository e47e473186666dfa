"""Bearer tokens: for programs with scopes, for sessions, and tickets of a minute."""

import re
from unittest.mock import patch

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import Caller, Revoked, User
from app.accounts.store.users import UserStore
from app.errors import Invalid, NotFound, Unauthenticated
from app.storage.mongo import Database
from tests.accounts.world import Clock, build, sign_in


async def refused(accounts: AccountServices, token: str) -> bool:
    try:
        await accounts.tokens.resolve(token)
    except Unauthenticated:
        return True
    return False


async def test_a_token_tells_who_holds_it_and_what_it_may(
    accounts: AccountServices, ana: User
) -> None:
    caller = await accounts.tokens.resolve(await accounts.tokens.create(ana.id, ["chat"]))
    assert caller.user == ana
    assert caller.session is None
    assert caller.may("chat")
    assert not caller.may("metrics:read")


async def test_without_scopes_it_may_all_that_the_person_may(
    accounts: AccountServices, ana: User
) -> None:
    caller = await accounts.tokens.resolve(await accounts.tokens.create(ana.id))
    assert caller.may("metrics:read")


async def test_owner_comes_along_with_a_token_in_one_query(
    accounts: AccountServices, ana: User, database: Database, clock: Clock
) -> None:
    token = await accounts.tokens.create(ana.id)
    elsewhere = build(database, clock)
    with patch.object(UserStore, "by_id", side_effect=AssertionError("a second query")):
        assert (await elsewhere.tokens.resolve(token)).user == ana


async def test_token_of_an_account_disabled_elsewhere_is_refused_at_its_first_use(
    accounts: AccountServices, ana: User, database: Database, clock: Clock
) -> None:
    token = await accounts.tokens.create(ana.id)
    elsewhere = build(database, clock)
    assert (await elsewhere.users.get(ana.id)).is_open
    await database.collection("users").update_one(
        {"_id": ana.id}, {"$set": {"disabled": True}, "$inc": {"rev": 1}}
    )
    assert await refused(elsewhere, token)


async def test_unknown_scopes_are_refused(accounts: AccountServices, ana: User) -> None:
    with pytest.raises(Invalid, match="everything"):
        await accounts.tokens.create(ana.id, ["chat", "everything"])


async def test_a_token_is_long_random_and_stored_as_a_hash(
    accounts: AccountServices, ana: User, database: Database
) -> None:
    first, second = await accounts.tokens.create(ana.id), await accounts.tokens.create(ana.id)
    assert first != second
    assert re.fullmatch(r"parley_[\w-]{43}", first)
    stored = repr(await database.collection("tokens").find({}).to_list(None))
    assert first.removeprefix("parley_") not in stored


@pytest.mark.parametrize("token", ["", "x", "parley_", "parley_x", "\ud800", "a" * 10_000])
async def test_other_strings_are_no_tokens(accounts: AccountServices, token: str) -> None:
    assert await refused(accounts, token)


async def test_a_token_ends_with_its_lifetime(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    token = await accounts.tokens.create(ana.id, lifetime_s=60)
    clock.turn(seconds=59)
    assert not await refused(accounts, token)
    clock.turn(seconds=1)
    assert await refused(accounts, token)


@pytest.mark.parametrize("lifetime_s", [0, -1, 1e12, float("inf"), float("nan")])
async def test_a_lifetime_is_a_time(
    accounts: AccountServices, ana: User, lifetime_s: float
) -> None:
    with pytest.raises(Invalid):
        await accounts.tokens.create(ana.id, lifetime_s=lifetime_s)


@pytest.mark.parametrize("label", ["\u200b", "\u3164 \u2800", "x" * 65, "a\u202eb", "a\0"])
async def test_a_label_that_cannot_be_shown_is_refused(
    accounts: AccountServices, ana: User, label: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await accounts.tokens.create(ana.id, label=label)
    assert refused.value.field == "label"


async def test_a_revoked_token_ends_and_tells(
    accounts: AccountServices, ana: User, revoked: list[Revoked]
) -> None:
    token = await accounts.tokens.create(ana.id, label="bot")
    [listed] = await accounts.tokens.of(ana.id)
    assert listed.label == "bot"
    await accounts.tokens.revoke(ana.id, listed.id)
    assert await refused(accounts, token)
    assert revoked == [Revoked(token=listed.id)]


async def test_nobody_revokes_anothers_token(
    accounts: AccountServices, ana: User, ben: User
) -> None:
    token = await accounts.tokens.create(ana.id)
    [listed] = await accounts.tokens.of(ana.id)
    with pytest.raises(NotFound):
        await accounts.tokens.revoke(ben.id, listed.id)
    assert not await refused(accounts, token)


async def test_a_sessions_token_dies_with_the_session(accounts: AccountServices, ana: User) -> None:
    signed_in = await sign_in(accounts, ana)
    token = await accounts.tokens.for_session(signed_in.session)
    assert (await accounts.tokens.resolve(token)).session == signed_in.session.id
    assert await accounts.tokens.of(ana.id) == []
    await accounts.sessions.end(signed_in.session.id)
    assert await refused(accounts, token)


async def test_a_sessions_token_lives_as_long_as_the_session_is_used(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    signed_in = await sign_in(accounts, ana)
    token = await accounts.tokens.for_session(signed_in.session)
    for _ in range(3):
        clock.turn(days=10)
        await accounts.sessions.resolve(signed_in.cookie)
    assert not await refused(accounts, token)
    clock.turn(days=15)
    assert await refused(accounts, token)


async def test_a_ticket_opens_for_a_minute_while_its_session_lives(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    signed_in = await sign_in(accounts, ana)
    ticket = accounts.tokens.ticket(Caller(user=ana, session=signed_in.session.id))
    clock.turn(seconds=59)
    assert (await accounts.tokens.resolve(ticket)).session == signed_in.session.id
    clock.turn(seconds=1)
    assert await refused(accounts, ticket)


async def test_a_ticket_ends_with_its_session(accounts: AccountServices, ana: User) -> None:
    signed_in = await sign_in(accounts, ana)
    ticket = accounts.tokens.ticket(Caller(user=ana, session=signed_in.session.id))
    await accounts.sessions.end(signed_in.session.id)
    assert await refused(accounts, ticket)
