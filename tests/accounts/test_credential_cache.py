"""A proof is looked up once in a few seconds, and never believed after it was revoked."""

from datetime import UTC, datetime, timedelta

from app.accounts.account_services import AccountServices
from app.accounts.credential_cache import CredentialCache
from app.accounts.models import User
from app.storage.mongo import Database
from tests.accounts.test_tokens import refused
from tests.accounts.world import Clock, sign_in

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def test_is_known_for_a_few_seconds() -> None:
    cache: CredentialCache[str] = CredentialCache(fresh=timedelta(seconds=5))
    cache.put("key", "ana", NOON, cache.generation)
    assert cache.get("key", NOON + timedelta(seconds=4.9)) == "ana"
    assert cache.get("key", NOON + timedelta(seconds=5)) is None
    assert cache.get("key", NOON - timedelta(seconds=5)) is None


def test_what_was_read_before_a_revocation_is_not_kept() -> None:
    cache: CredentialCache[str] = CredentialCache()
    generation = cache.generation
    cache.clear()
    cache.put("key", "ana", NOON, generation)
    assert cache.get("key", NOON) is None


def test_the_oldest_make_room() -> None:
    cache: CredentialCache[str] = CredentialCache(capacity=2)
    for key in ("first", "second", "third"):
        cache.put(key, key, NOON, cache.generation)
    assert [cache.get(key, NOON) for key in ("first", "second", "third")] == [
        None,
        "second",
        "third",
    ]


async def test_a_session_is_looked_up_once_in_a_few_seconds(
    accounts: AccountServices, ana: User, database: Database, clock: Clock
) -> None:
    cookie = (await sign_in(accounts, ana)).cookie
    assert await accounts.sessions.resolve(cookie)
    await database.collection("sessions").delete_many({})
    assert await accounts.sessions.resolve(cookie)
    clock.turn(seconds=5)
    assert await accounts.sessions.resolve(cookie) is None


async def test_a_remembered_session_ends_at_its_end(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    cookie = (await sign_in(accounts, ana)).cookie
    clock.turn(days=14, seconds=-1)
    await accounts.sessions.resolve(cookie)
    clock.turn(seconds=1)
    assert await accounts.sessions.resolve(cookie)  # Its use has moved its end.
    clock.turn(days=14, seconds=-300)
    for _ in range(2):
        assert await accounts.sessions.resolve(cookie)


async def test_a_session_that_ended_is_no_longer_remembered(
    accounts: AccountServices, ana: User
) -> None:
    signed_in = await sign_in(accounts, ana)
    assert await accounts.sessions.resolve(signed_in.cookie)
    await accounts.sessions.end(signed_in.session.id)
    assert await accounts.sessions.resolve(signed_in.cookie) is None


async def test_a_session_ended_in_another_process_is_forgotten_with_the_news(
    accounts: AccountServices, elsewhere: AccountServices, ana: User
) -> None:
    signed_in = await sign_in(accounts, ana)
    token = await accounts.tokens.for_session(signed_in.session)
    assert await accounts.sessions.resolve(signed_in.cookie)
    assert not await refused(accounts, token)
    await elsewhere.sessions.end(signed_in.session.id)
    await accounts.revocations.catch_up()
    assert await accounts.sessions.resolve(signed_in.cookie) is None
    assert await refused(accounts, token)


async def test_a_token_revoked_anywhere_is_forgotten_with_the_news(
    accounts: AccountServices, elsewhere: AccountServices, ana: User
) -> None:
    token = await accounts.tokens.create(ana.id)
    found = await accounts.tokens.resolve(token)
    assert found.token
    assert not await refused(elsewhere, token)
    await accounts.tokens.revoke(ana.id, found.token)
    assert await refused(accounts, token)
    await elsewhere.revocations.catch_up()
    assert await refused(elsewhere, token)


async def test_tokens_of_a_disabled_account_stay_dead_when_it_is_enabled_again(
    accounts: AccountServices, ana: User, ben: User
) -> None:
    token = await accounts.tokens.create(ben.id)
    assert not await refused(accounts, token)
    await accounts.disabling.disable(ben.id)
    assert await refused(accounts, token)
    await accounts.disabling.enable(ben.id)
    assert await refused(accounts, token)


async def test_a_new_role_shows_with_a_remembered_session(
    accounts: AccountServices, ana: User, ben: User
) -> None:
    cookie = (await sign_in(accounts, ben)).cookie
    assert await accounts.sessions.resolve(cookie)
    await accounts.roles.appoint(ben.id, "admin")
    caller = await accounts.sessions.resolve(cookie)
    assert caller
    assert caller.user.is_admin


async def test_a_token_ends_at_its_end_although_remembered(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    token = await accounts.tokens.create(ana.id, lifetime_s=2)
    assert not await refused(accounts, token)
    clock.turn(seconds=2)
    assert await refused(accounts, token)
