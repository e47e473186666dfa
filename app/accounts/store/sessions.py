"""The sessions as they are stored: the cookie's secret only as a hash."""

from collections.abc import Iterable
from datetime import datetime

from pymongo import DESCENDING

from app.accounts.models import Account, Session
from app.accounts.store.users import WITH_OWNER, owner_of
from app.storage.batched_lookup import BatchedLookup
from app.storage.documents import document_of, record_from
from app.storage.mongo import Database
from app.storage.transactions import Transaction

SESSIONS = "sessions"


class SessionStore:
    """Queries on the sessions. One that has ended is never found."""

    def __init__(self, database: Database) -> None:
        self._sessions = database.collection(SESSIONS)
        self._gathered = BatchedLookup(self._by_keys)

    async def insert(self, session: Session, key: str) -> None:
        await self._sessions.insert_one({**document_of(session), "key": key})

    async def by_key(self, key: str, now: datetime) -> tuple[Session, Account | None] | None:
        """The session with this key, and the account of its user."""
        found = await self._gathered.get(key)
        return found if found is not None and found[0].ends > now else None

    async def _by_keys(self, keys: list[str]) -> dict[str, tuple[Session, Account | None]]:
        asked = [{"$match": {"key": {"$in": keys}}}, WITH_OWNER]
        found = await self._sessions.aggregate(asked).to_list(None)
        return {d["key"]: (record_from(d, Session), owner_of(d)) for d in found}

    async def by_id(self, session_id: str, now: datetime) -> Session | None:
        found = await self._sessions.find_one({"_id": session_id, "ends": {"$gt": now}})
        return record_from(found, Session) if found else None

    async def of(self, user_id: str, now: datetime, limit: int) -> list[Session]:
        """The newest `limit` sessions of a user, the one seen last first."""
        found = await self._sessions.find(
            {"user": user_id, "ends": {"$gt": now}}, sort=[("seen", DESCENDING)], limit=limit
        ).to_list(None)
        return [record_from(document, Session) for document in found]

    async def living(self, ids: Iterable[str], now: datetime) -> list[Session]:
        """Those of `ids` that haven't ended."""
        found = await self._sessions.find(
            {"_id": {"$in": list(ids)}, "ends": {"$gt": now}}
        ).to_list(None)
        return [record_from(document, Session) for document in found]

    async def touch(self, session_id: str, seen: datetime, ends: datetime) -> None:
        """Note that the session is in use. Never brings one back that was deleted."""
        await self._sessions.update_one({"_id": session_id}, {"$set": {"seen": seen, "ends": ends}})

    async def delete(self, session_id: str, user_id: str | None = None) -> bool:
        """Remove a session, if given only one of `user_id`; whether there was one."""
        query = {"_id": session_id} | ({"user": user_id} if user_id else {})
        return bool((await self._sessions.delete_one(query)).deleted_count)

    async def delete_of_user(self, user_id: str, within: Transaction) -> None:
        await self._sessions.delete_many({"user": user_id}, session=within)

    async def ids_of(self, user_id: str) -> list[str]:
        """All session ids of a user, ended ones too."""
        found = await self._sessions.find({"user": user_id}, {"_id": 1}).to_list(None)
        return [document["_id"] for document in found]
