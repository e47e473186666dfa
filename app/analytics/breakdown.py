"""What the events of a type had in one property: the commonest values, from the raw events."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.analytics.requests import BreakdownRequest, bounded
from app.analytics.store.figures import FigureStore, Stages

LISTED = 50
LONGEST_DAYS = 30


class Breakdown:
    """Values are told apart by their JSON text: `1` and `"1"` are two."""

    def __init__(self, store: FigureStore, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def of(self, asked: BreakdownRequest) -> dict[str, Any]:
        """`{values: [{value, n}], other, without, total}` of a range of at most 30 days.

        `other` had a rarer value, `without` none; together with the values that is `total`.
        """
        start, end = bounded(
            asked, self._clock(), longest_days=LONGEST_DAYS, standard_days=LONGEST_DAYS
        )
        found = await self._store.raw(_pipeline(asked.event_type, asked.property, start, end))
        return _answer(found[0] if found else {"values": [], "all": []})

    async def properties(self, event_type: str) -> list[str]:
        """Names of properties that the newest events of a type had."""
        since = self._clock() - timedelta(days=LONGEST_DAYS)
        return await self._store.properties(event_type, since)


def _pipeline(event_type: str, name: str, start: datetime, end: datetime) -> Stages:
    one = {"$filter": {"input": "$properties", "cond": {"$eq": ["$$this.k", {"$literal": name}]}}}
    return [
        {"$match": {"type": event_type, "timestamp": {"$gte": start, "$lt": end}}},
        {"$group": {"_id": {"$first": _values_of(one)}, "n": {"$sum": 1}}},
        {
            "$facet": {
                "values": [
                    {"$match": {"_id": {"$type": "string"}}},
                    {"$sort": {"n": -1, "_id": 1}},
                    {"$limit": LISTED},
                ],
                "all": [
                    {
                        "$group": {
                            "_id": {"$eq": [{"$type": "$_id"}, "string"]},
                            "n": {"$sum": "$n"},
                        }
                    }
                ],
            }
        },
    ]


def _values_of(pairs: Any) -> Any:
    return {"$map": {"input": pairs, "in": "$$this.v"}}


def _answer(found: Any) -> dict[str, Any]:
    values: Sequence[Any] = [
        {"value": msgspec.json.decode(d["_id"]), "n": d["n"]} for d in found["values"]
    ]
    counts = {d["_id"]: d["n"] for d in found["all"]}
    having, without = counts.get(True, 0), counts.get(False, 0)
    return {
        "values": values,
        "other": having - sum(v["n"] for v in values),
        "without": without,
        "total": having + without,
    }
