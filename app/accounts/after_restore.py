"""After a restore nobody is signed in: sessions, tokens and links may have been ended since.

Called while the collections are loaded but not yet in place, as `prefix + name`.
"""

from app.accounts.store.one_time_codes import INVITES, RESETS
from app.accounts.store.sessions import SESSIONS
from app.accounts.store.tokens import TOKENS
from app.accounts.store.users import GUARDS
from app.storage.mongo import Database

# A ticket ends with the session or token behind it, a push subscription with its session.
PROOFS = (SESSIONS, TOKENS, RESETS, INVITES)


async def end_access(database: Database, prefix: str) -> None:
    """Remove all that proves who somebody is but their password; of bots too."""
    for name in PROOFS:
        await database.collection(prefix + name).delete_many({})
    await database.collection(prefix + GUARDS).delete_one({"_id": "setup"})
