"""The bearer tokens as they are stored: only a hash of each."""

from collections.abc import Iterable
from datetime import datetime

from pymongo import DESCENDING

from app.accounts.models import Account, Token
from app.accounts.store.users import WITH_OWNER, owner_of
from app.storage.batched_lookup import BatchedLookup
from app.storage.documents import document_of, record_from
from app.storage.mongo import Database
from app.storage.transactions import Transaction

TOKENS = "tokens"


class TokenStore:
    """Queries on the tokens."""

    def __init__(self, database: Database) -> None:
        self._tokens = database.collection(TOKENS)
        self._gathered = BatchedLookup(self._by_keys)

    async def insert(self, token: Token, key: str, within: Transaction | None = None) -> None:
        await self._tokens.insert_one({**document_of(token), "key": key}, session=within)

    async def by_key(self, key: str) -> tuple[Token, Account | None] | None:
        """The token with this key, and its owner's account."""
        return await self._gathered.get(key)

    async def _by_keys(self, keys: list[str]) -> dict[str, tuple[Token, Account | None]]:
        asked = [{"$match": {"key": {"$in": keys}}}, WITH_OWNER]
        found = await self._tokens.aggregate(asked).to_list(None)
        return {d["key"]: (record_from(d, Token), owner_of(d)) for d in found}

    async def by_id(self, token_id: str) -> Token | None:
        found = await self._tokens.find_one({"_id": token_id})
        return record_from(found, Token) if found else None

    async def of(self, user_id: str, limit: int) -> list[Token]:
        """The newest `limit` tokens that a user made by themselves, not those of sessions."""
        found = await self._tokens.find(
            {"user": user_id, "session": None}, sort=[("_id", DESCENDING)], limit=limit
        ).to_list(None)
        return [record_from(document, Token) for document in found]

    async def delete(self, token_id: str, user_id: str) -> bool:
        """Remove a token of this user; whether there was one."""
        gone = await self._tokens.delete_one({"_id": token_id, "user": user_id})
        return bool(gone.deleted_count)

    async def delete_of_session(self, session_id: str) -> None:
        await self._tokens.delete_many({"session": session_id})

    async def living(self, ids: Iterable[str], now: datetime) -> list[Token]:
        """Those of these tokens that are there and have not ended."""
        query = {"_id": {"$in": list(ids)}, "$or": [{"ends": None}, {"ends": {"$gt": now}}]}
        found = await self._tokens.find(query).to_list(None)
        return [record_from(document, Token) for document in found]

    async def delete_of_user(self, user_id: str, within: Transaction) -> None:
        """Remove all that act for this user."""
        await self._tokens.delete_many({"user": user_id}, session=within)

    async def delete_for_others(self, by: str, within: Transaction) -> list[str]:
        """Remove those that this person made for bots, and return their ids."""
        query = {"by": by, "user": {"$ne": by}}
        found = await self._tokens.find(query, {"_id": 1}, session=within).to_list(None)
        ids = [document["_id"] for document in found]
        await self._tokens.delete_many({"_id": {"$in": ids}}, session=within)
        return ids

    async def keep_within_role(self, user_id: str, within: Transaction) -> None:
        """Take back the admins' scopes that the command line granted to this user."""
        await self._tokens.update_many(
            {"user": user_id}, {"$unset": {"beyond_role": True}}, session=within
        )
