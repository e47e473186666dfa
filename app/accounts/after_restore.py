"""Ends all access after a restore: the backup may hold what was revoked since it was made."""

from app.accounts.store.one_time_codes import INVITES, RESETS
from app.accounts.store.sessions import SESSIONS
from app.accounts.store.tokens import TOKENS
from app.accounts.store.users import GUARDS
from app.storage.mongo import Database

# Tickets end with the session or token behind them, push subscriptions with their session.
PROOFS = (SESSIONS, TOKENS, RESETS, INVITES)


async def end_access(database: Database, prefix: str) -> None:
    """Delete the sessions, tokens, invites, reset links and set-up codes of a restored database.

    It runs while the collections are loaded but not yet in place, as `prefix + name`. Passwords
    stay.
    """
    for name in PROOFS:
        await database.collection(prefix + name).delete_many({})
    await database.collection(prefix + GUARDS).delete_one({"_id": "setup"})
