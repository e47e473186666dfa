"""Finds documents by any part of their name, through an index of their search keys."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pymongo import ASCENDING, IndexModel

from app.name_keys import words

if TYPE_CHECKING:
    from motor.motor_asyncio import AsyncIOMotorCollection

# A query that matches few of many documents ends after this time.
WITHIN_MS = 2_000
LAST_CHARACTER = "\U0010ffff"
Condition = Mapping[str, Any]


def name_indexes(condition: Condition) -> list[IndexModel]:
    """The indexes of a collection in which only documents of this `condition` are found."""
    return [
        IndexModel([(field, ASCENDING)], name=field, partialFilterExpression=dict(condition))
        for field in ("name_starts", "name_parts")
    ]


class NameLookup:
    """Searches one collection, whose documents have the fields of `name_keys`.

    Each query reads about as many documents as it returns, however many there are: the keys of
    the index are in the order of the answer, so nothing has to be sorted.
    """

    def __init__(self, collection: "AsyncIOMotorCollection", condition: Condition) -> None:
        self._collection = collection
        self._condition = condition

    async def find(
        self,
        query: str,
        at_most: int,
        also: Condition | None = None,
        among: Sequence[str] | None = None,
    ) -> list[dict[str, Any]]:
        """Up to `at_most` documents whose name contains each word of `query`.

        Names with a word that begins so come first, each group by the alphabet of the match.
        `also` is one more condition, `among` has the ids to look at where it is not all of them.
        """
        sought = words(query)
        if not sought:
            return []
        found: dict[str, dict[str, Any]] = {}
        for field in ("name_starts", "name_parts"):
            if len(found) < at_most:
                for document in await self._read(field, sought, at_most, also or {}, among):
                    found.setdefault(document["_id"], document)
        return list(found.values())[:at_most]

    async def _read(
        self,
        field: str,
        sought: Sequence[str],
        at_most: int,
        also: Condition,
        among: Sequence[str] | None,
    ) -> list[dict[str, Any]]:
        first, *others = sought
        condition: dict[str, Any] = {
            **self._condition,
            **also,
            field: _begins(first),
            "$and": [{"name_parts": _begins(word)} for word in others],
        }
        if not others:
            del condition["$and"]
        if among is not None:
            condition["_id"] = {"$in": list(among)}
        cursor = self._collection.find(
            condition,
            {"name_starts": 0, "name_parts": 0},
            # Few documents are read by their ids, and the index gives the order of the others.
            hint=None if among is not None else field,
            sort=[("_id", ASCENDING)] if among is not None else None,
            limit=at_most,
            max_time_ms=WITHIN_MS,
        )
        return [dict(document) async for document in cursor]


def _begins(word: str) -> Condition:
    return {"$elemMatch": {"$gte": word, "$lt": word + LAST_CHARACTER}}
