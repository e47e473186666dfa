"""Counts the values that events of a type had in one property, from the raw events."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.analytics.page_paths import PagePaths
from app.analytics.requests import BreakdownAnswer, BreakdownRequest, ValueCount, bounded
from app.analytics.store.figures import Document, FigureStore, Stages
from app.times import Clock

LISTED = 50
LONGEST_DAYS = 30


class Breakdown:
    """Groups by the JSON text of values: `1` and `"1"` are two values."""

    def __init__(self, store: FigureStore, paths: PagePaths, clock: Clock) -> None:
        self._store = store
        self._paths = paths
        self._clock = clock

    async def of(self, asked: BreakdownRequest) -> BreakdownAnswer:
        """The 50 commonest values in a range of at most 30 days.

        `other` events had a rarer value, `without` had none; with the values they make `total`.
        Raises Invalid for a longer range, Unavailable where the database takes too long.
        """
        start, end = bounded(
            asked, self._clock(), longest_days=LONGEST_DAYS, standard_days=LONGEST_DAYS
        )
        found = await self._store.raw(_pipeline(asked.event_type, asked.property, start, end))
        answer = _answer(found[0] if found else {"values": [], "all": []})
        return {**answer, "values": await self._concealed(answer["values"])}

    async def _concealed(self, values: list[ValueCount]) -> list[ValueCount]:
        """The values without paths that tell of private rooms, as older versions stored them."""
        told = await self._paths.concealed(
            {value for each in values if isinstance(value := each["value"], str)}
        )
        if not told:
            return values
        # By their JSON, since values may be lists.
        counts: Counter[bytes] = Counter()
        for each in values:
            value = each["value"]
            shown = told.get(value, value) if isinstance(value, str) else value
            counts[msgspec.json.encode(shown)] += each["n"]
        return [{"value": msgspec.json.decode(value), "n": n} for value, n in counts.most_common()]

    async def properties(self, event_type: str) -> list[str]:
        """The names of the properties that the newest events of a type had."""
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


def _answer(found: Document) -> BreakdownAnswer:
    values: list[ValueCount] = [
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
