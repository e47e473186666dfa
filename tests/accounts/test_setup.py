"""The first admin: through one code, once."""

import asyncio

import pytest

from app.accounts.account_services import AccountServices
from app.accounts.models import User
from app.errors import Conflict, Invalid, NotFound
from app.storage.mongo import Database
from tests.accounts.world import PASSWORD


async def code_of(accounts: AccountServices) -> str:
    code = await accounts.setup.code()
    assert code is not None
    return code


async def test_the_code_makes_an_admin(accounts: AccountServices) -> None:
    user = await accounts.setup.use(await code_of(accounts), "ana", PASSWORD, "Ana")
    assert user.is_admin
    assert (await accounts.users.find("ana")).id == user.id


async def test_a_wrong_code_makes_nobody(accounts: AccountServices) -> None:
    await code_of(accounts)
    with pytest.raises(NotFound):
        await accounts.setup.use("wrong", "ana", PASSWORD)
    assert not await accounts.users.exist()


async def test_a_refused_name_leaves_the_code_good(accounts: AccountServices) -> None:
    code = await code_of(accounts)
    with pytest.raises(Invalid):
        await accounts.setup.use(code, "!", PASSWORD)
    assert (await accounts.setup.use(code, "ana", PASSWORD)).is_admin


async def test_of_many_simultaneous_uses_one_makes_an_admin(accounts: AccountServices) -> None:
    first, second = await code_of(accounts), await code_of(accounts)
    uses = [
        accounts.setup.use(first if i % 2 else second, f"person{i}", PASSWORD) for i in range(6)
    ]
    results = await asyncio.gather(*uses, return_exceptions=True)
    assert len([r for r in results if isinstance(r, User)]) == 1
    assert len([r for r in results if isinstance(r, NotFound)]) == 5
    assert len(await accounts.users.all()) == 1


async def test_codes_of_earlier_starts_stay_good_until_somebody_exists(
    accounts: AccountServices,
) -> None:
    earlier, later = await code_of(accounts), await code_of(accounts)
    await accounts.setup.check(earlier)
    await accounts.setup.use(later, "ana", PASSWORD)
    with pytest.raises(NotFound):
        await accounts.setup.check(earlier)
    assert await accounts.setup.code() is None


async def test_a_user_made_on_the_command_line_ends_set_up(accounts: AccountServices) -> None:
    code = await code_of(accounts)
    await accounts.users.create("ben", PASSWORD)
    with pytest.raises(NotFound):
        await accounts.setup.use(code, "mallory", PASSWORD)


async def test_the_code_is_not_in_the_database(
    accounts: AccountServices, database: Database
) -> None:
    code = await code_of(accounts)
    stored = await database.collection("account_guards").find({}).to_list(None)
    assert stored
    assert code not in repr(stored)


async def test_simultaneous_accounts_of_one_name_make_one(accounts: AccountServices) -> None:
    made = [accounts.users.create("ana", PASSWORD) for _ in range(4)]
    results = await asyncio.gather(*made, return_exceptions=True)
    assert len([r for r in results if isinstance(r, User)]) == 1
    assert all(isinstance(r, User | Conflict) for r in results)
