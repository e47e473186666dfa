"""Invite links: for so many people, for a week, until withdrawn."""

import asyncio

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.errors import Conflict, Invalid, NotFound
from app.storage.mongo import Database
from tests.accounts.world import PASSWORD, Clock


async def test_an_invite_makes_a_member(accounts: AccountServices, ana: User) -> None:
    code = await accounts.invites.make(ana)
    assert await accounts.invites.inviter(code) == ana
    ben = await accounts.invites.use(code, "ben", PASSWORD, "Ben")
    assert not ben.is_admin
    with pytest.raises(NotFound):
        await accounts.invites.use(code, "cleo", PASSWORD)


async def test_simultaneous_uses_never_exceed_its_number(
    accounts: AccountServices, ana: User
) -> None:
    code = await accounts.invites.make(ana, uses=2)
    uses = [accounts.invites.use(code, f"person{i}", PASSWORD) for i in range(5)]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert len([r for r in results if isinstance(r, User)]) == 2
    assert len([r for r in results if isinstance(r, NotFound)]) == 3


@pytest.mark.parametrize("name", ["ana", "!"])
async def test_a_refused_name_does_not_use_it_up(
    accounts: AccountServices, ana: User, name: str
) -> None:
    code = await accounts.invites.make(ana)
    with pytest.raises((Conflict, Invalid)):
        await accounts.invites.use(code, name, PASSWORD)
    assert await accounts.invites.use(code, "ben", PASSWORD)


async def test_an_invite_ends_after_a_week(
    accounts: AccountServices, ana: User, clock: Clock
) -> None:
    code = await accounts.invites.make(ana)
    clock.turn(days=7)
    with pytest.raises(NotFound):
        await accounts.invites.use(code, "ben", PASSWORD)
    assert await accounts.invites.open() == []


async def test_a_withdrawn_invite_ends(accounts: AccountServices, ana: User) -> None:
    code = await accounts.invites.make(ana)
    [invite] = await accounts.invites.open()
    await accounts.invites.withdraw(invite.id)
    with pytest.raises(NotFound):
        await accounts.invites.inviter(code)
    with pytest.raises(NotFound):
        await accounts.invites.withdraw(invite.id)


@pytest.mark.parametrize("uses", [0, -1, 101])
async def test_an_invite_is_for_a_bounded_number(
    accounts: AccountServices, ana: User, uses: int
) -> None:
    with pytest.raises(Invalid):
        await accounts.invites.make(ana, uses)


async def test_the_code_is_not_in_the_database(
    accounts: AccountServices, ana: User, database: Database
) -> None:
    code = await accounts.invites.make(ana)
    assert code not in repr(await database.collection("invites").find({}).to_list(None))
