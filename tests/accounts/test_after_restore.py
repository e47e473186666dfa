"""After a restore nothing of a backup lets anybody in but their password."""

from app.accounts.account_services import AccountServices
from app.accounts.after_restore import PROOFS, end_access
from app.accounts.models import User
from app.accounts.store import INDEXES
from app.accounts.store.preferences import PREFERENCES
from app.accounts.store.users import USERS
from app.storage.mongo import Database
from tests.accounts.world import sign_in


def test_every_collection_of_proofs_is_emptied() -> None:
    """A new kind of proof has to be added there."""
    assert set(PROOFS) == set(INDEXES) - {USERS, PREFERENCES}


async def test_only_passwords_are_left(
    accounts: AccountServices, ana: User, database: Database
) -> None:
    for prefix in ("", "restoring."):
        for name in PROOFS:
            await database.collection(prefix + name).insert_one({"_id": "from the backup"})
    await database.collection("restoring.account_guards").insert_one({"_id": "setup"})
    await end_access(database, "restoring.")
    for name in (*PROOFS, "account_guards"):
        assert await database.collection(f"restoring.{name}").count_documents({}) == 0
    # The collections in use are not changed.
    for name in PROOFS:
        assert await database.collection(name).count_documents({}) == 1
    assert await sign_in(accounts, ana)
