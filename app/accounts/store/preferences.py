"""The chosen preferences of each person, by the person's id; what was not chosen is not stored."""

from collections.abc import Mapping
from typing import Any

from app.storage.mongo import Database

PREFERENCES = "preferences"


class PersonalPreferenceStore:
    """Queries on the preferences."""

    def __init__(self, database: Database) -> None:
        self._preferences = database.collection(PREFERENCES)

    async def of(self, user_id: str) -> Mapping[str, Any]:
        """The stored values by key."""
        return await self._preferences.find_one({"_id": user_id}, {"_id": 0}) or {}

    async def change(self, user_id: str, values: Mapping[str, Any]) -> None:
        """Store these values; others stay."""
        await self._preferences.update_one({"_id": user_id}, {"$set": dict(values)}, upsert=True)

    async def delete(self, user_id: str) -> None:
        await self._preferences.delete_one({"_id": user_id})
