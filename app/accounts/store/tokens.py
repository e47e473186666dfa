"""The bearer tokens as they are stored: only a hash of each."""

from collections.abc import Mapping
from typing import Any

from pymongo import DESCENDING

from app.accounts.models import Token
from app.storage.gathered import Gathered
from app.storage.mongo import Database

TOKENS = "tokens"


class TokenStore:
    """Queries on the tokens."""

    def __init__(self, database: Database) -> None:
        self._tokens = database.collection(TOKENS)
        self._gathered = Gathered(self._by_keys)

    async def insert(self, token: Token, key: str) -> None:
        document: dict[str, object] = {
            "_id": token.id,
            "key": key,
            "user": token.user,
            "label": token.label,
            "scopes": token.scopes,
            "created": token.created,
        }
        # Absent rather than null: the sparse and the expiring index pass over it.
        if token.ends is not None:
            document["ends"] = token.ends
        if token.session is not None:
            document["session"] = token.session
        await self._tokens.insert_one(document)

    async def by_key(self, key: str) -> Token | None:
        return await self._gathered.get(key)

    async def _by_keys(self, keys: list[str]) -> dict[str, Token]:
        found = await self._tokens.find({"key": {"$in": keys}}).to_list(None)
        return {document["key"]: _token_from(document) for document in found}

    async def by_id(self, token_id: str) -> Token | None:
        found = await self._tokens.find_one({"_id": token_id})
        return _token_from(found) if found else None

    async def of(self, user_id: str, limit: int) -> list[Token]:
        """The newest `limit` tokens that a user made by themselves, not those of sessions."""
        found = await self._tokens.find(
            {"user": user_id, "session": None}, sort=[("_id", DESCENDING)], limit=limit
        ).to_list(None)
        return [_token_from(document) for document in found]

    async def delete(self, token_id: str, user_id: str) -> bool:
        """Remove a token of this user; whether there was one."""
        gone = await self._tokens.delete_one({"_id": token_id, "user": user_id})
        return bool(gone.deleted_count)

    async def delete_of_session(self, session_id: str) -> None:
        await self._tokens.delete_many({"session": session_id})

    async def delete_of_user(self, user_id: str) -> None:
        await self._tokens.delete_many({"user": user_id})


def _token_from(document: Mapping[str, Any]) -> Token:
    return Token(
        id=document["_id"],
        user=document["user"],
        label=document["label"],
        scopes=document["scopes"],
        created=document["created"],
        ends=document.get("ends"),
        session=document.get("session"),
    )
