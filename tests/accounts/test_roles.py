"""There is always an admin left."""

import asyncio

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.errors import Conflict
from tests.accounts.world import PASSWORD, sign_in


async def test_the_last_admin_stays(accounts: AccountServices, ana: User, ben: User) -> None:
    for change in (
        accounts.roles.appoint(ana.id, "member"),
        accounts.disabling.disable(ana.id),
        accounts.disabling.delete(ana.id),
    ):
        with pytest.raises(Conflict):
            await change
    assert (await accounts.users.get(ana.id)).is_admin
    assert await sign_in(accounts, ana)


async def test_a_disabled_admin_does_not_count(
    accounts: AccountServices, ana: User, ben: User
) -> None:
    await accounts.roles.appoint(ben.id, "admin")
    await accounts.disabling.disable(ben.id)
    with pytest.raises(Conflict):
        await accounts.roles.appoint(ana.id, "member")


async def test_admins_who_demote_each_other_at_once_leave_one(
    accounts: AccountServices, elsewhere: AccountServices, ana: User
) -> None:
    others = [await accounts.users.create(f"admin{i}", PASSWORD, role="admin") for i in range(3)]
    changes = [
        (accounts if i % 2 else elsewhere).roles.appoint(user.id, "member")
        for i, user in enumerate([ana, *others])
    ]
    results = await asyncio.gather(*changes, return_exceptions=True)
    assert len([r for r in results if isinstance(r, Conflict)]) == 1
    admins = [user for user in await accounts.users.all() if user.is_admin]
    assert len(admins) == 1
