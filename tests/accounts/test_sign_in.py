"""Signing in: the same answer for every failure, and not too often."""

import asyncio
from collections.abc import Awaitable

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.accounts.sign_in_limits import PER_ADDRESS, PER_NAME, Client
from app.errors import Invalid, ParleyError, RateLimited, Unauthenticated
from app.storage.mongo import Database
from tests.accounts.world import HOME, PASSWORD, Clock


async def refusal_of(attempt: Awaitable[object]) -> ParleyError:
    try:
        await attempt
    except ParleyError as refusal:
        return refusal
    raise AssertionError("the attempt succeeded")


def elsewhere(number: int) -> Client:
    return Client(address=f"198.51.100.{number}")


async def test_any_spelling_of_the_username_signs_in(accounts: AccountServices, ana: User) -> None:
    signed_in = await accounts.sign_in.attempt(" ANA ", PASSWORD, HOME)
    assert signed_in.user == ana


@pytest.mark.parametrize("name", ["bob.", "bob-", "b..b"])
async def test_a_username_from_before_todays_rules_still_works(
    accounts: AccountServices, database: Database, ana: User, name: str
) -> None:
    with pytest.raises(Invalid):
        await accounts.users.create(name, PASSWORD)
    bob = await accounts.users.create("bob", PASSWORD)
    await database.collection("users").update_one({"_id": bob.id}, {"$set": {"username": name}})
    signed_in = await accounts.sign_in.attempt(name, PASSWORD, HOME)
    assert signed_in.user.username == name
    assert (await accounts.users.find(name.upper())).id == bob.id
    assert (await accounts.users.describe(bob.id, name="Robert")).username == name


async def test_unknown_wrong_disabled_and_deleted_get_one_answer_after_the_same_work(
    accounts: AccountServices, ana: User, ben: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    cleo = await accounts.users.create("cleo", PASSWORD)
    await accounts.disabling.disable(ben.id)
    await accounts.disabling.delete(cleo.id)
    verified: list[str] = []
    fits = accounts.passwords._fits

    def counted(stored: str, password: str) -> bool:
        verified.append(stored)
        return fits(stored, password)

    monkeypatch.setattr(accounts.passwords, "_fits", counted)
    tries = [("ana", "wrong password"), ("zoe", PASSWORD), ("ben", PASSWORD), ("cleo", PASSWORD)]
    refusals = [
        await refusal_of(accounts.sign_in.attempt(name, password, HOME)) for name, password in tries
    ]
    assert {(type(r), r.message, r.field) for r in refusals} == {
        (Unauthenticated, "This username and password don't fit together.", None)
    }
    assert len(verified) == len(tries)
    assert all(stored.split("$")[3] == verified[0].split("$")[3] for stored in verified)


async def test_guessing_at_one_name_is_throttled_from_everywhere(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    for number in range(PER_NAME):
        await refusal_of(accounts.sign_in.attempt("ana", "wrong", elsewhere(number)))
    throttled = await refusal_of(accounts.sign_in.attempt("Ana", PASSWORD, elsewhere(99)))
    assert isinstance(throttled, RateLimited)
    assert throttled.retry_after == 60
    clock.turn(seconds=60)
    assert await accounts.sign_in.attempt("ana", PASSWORD, elsewhere(99))


async def test_a_name_that_nobody_has_is_throttled_alike(
    accounts: AccountServices, ana: User
) -> None:
    for number in range(PER_NAME):
        await refusal_of(accounts.sign_in.attempt("zoe", "wrong", elsewhere(number)))
    throttled = await refusal_of(accounts.sign_in.attempt("zoe", "wrong", elsewhere(99)))
    assert isinstance(throttled, RateLimited)


async def test_guessing_at_many_names_from_one_place_is_throttled(
    accounts: AccountServices, ana: User
) -> None:
    for number in range(PER_ADDRESS):
        await refusal_of(accounts.sign_in.attempt(f"person{number}", "wrong", HOME))
    throttled = await refusal_of(accounts.sign_in.attempt("ana", PASSWORD, HOME))
    assert isinstance(throttled, RateLimited)
    assert await accounts.sign_in.attempt("ana", PASSWORD, elsewhere(1))


async def test_one_ipv6_network_is_one_place(accounts: AccountServices, ana: User) -> None:
    for number in range(PER_ADDRESS):
        there = Client(address=f"2001:db8::{number:x}")
        await refusal_of(accounts.sign_in.attempt(f"person{number}", "wrong", there))
    throttled = await refusal_of(
        accounts.sign_in.attempt("ana", PASSWORD, Client(address="2001:db8::ffff"))
    )
    assert isinstance(throttled, RateLimited)


async def test_guesses_at_once_count_as_guesses_in_turn(
    accounts: AccountServices, ana: User
) -> None:
    attempts = [
        refusal_of(accounts.sign_in.attempt("ana", "wrong", elsewhere(n))) for n in range(30)
    ]
    refusals = await asyncio.gather(*attempts)
    assert len([r for r in refusals if isinstance(r, RateLimited)]) == 30 - PER_NAME


async def test_signing_in_often_is_no_guessing(accounts: AccountServices, ana: User) -> None:
    for _ in range(PER_ADDRESS + 1):
        await accounts.sign_in.attempt("ana", PASSWORD, HOME)


async def test_a_password_changed_meanwhile_ends_the_session_that_the_old_one_opened(
    accounts: AccountServices, ana: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin = accounts.sign_in._begin

    async def late(user: User, client: Client) -> object:
        await accounts.password_changes.change(ana, PASSWORD, "another password", keep=None)
        return await begin(user, client)

    monkeypatch.setattr(accounts.sign_in, "_begin", late)
    refusal = await refusal_of(accounts.sign_in.attempt("ana", PASSWORD, HOME))
    assert isinstance(refusal, Unauthenticated)
    assert await accounts.sessions.of(ana.id) == []
