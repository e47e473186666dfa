"""Counts how many visitors did some event types in a given order, in the database."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from app.analytics.models import PAGE_VIEW
from app.analytics.requests import FunnelAnswer, FunnelRequest, bounded
from app.analytics.store.figures import FigureStore, Stages
from app.times import Clock

LONGEST_DAYS = 30


class Funnel:
    """Reads the raw events. Other events between two steps are ignored.

    A visitor who signs in goes on: the events of their session from before count for them.
    """

    def __init__(self, store: FigureStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def of(self, asked: FunnelRequest) -> FunnelAnswer:
        """For each step the number of visitors who did it after all steps before it.

        Raises Invalid for a range of more than 30 days, Unavailable where it takes too long.
        """
        start, end = bounded(
            asked, self._clock(), longest_days=LONGEST_DAYS, standard_days=LONGEST_DAYS
        )
        found = await self._store.raw(_pipeline(asked.steps, start, end))
        ended_at = {d["_id"]: d["n"] for d in found}
        reached = [
            sum(n for far, n in ended_at.items() if far > place)
            for place in range(len(asked.steps))
        ]
        return {
            "steps": [
                {"event_type": event_type, "visitors": visitors}
                for event_type, visitors in zip(asked.steps, reached, strict=True)
            ]
        }


# An anonymous visitor (`s:<session>`) is the person who signed in with that session.
_ONE_VISITOR = {
    "$cond": [
        {
            "$and": [
                {"$eq": [{"$substrCP": ["$visitor", 0, 2]}, "s:"]},
                {"$ne": [{"$ifNull": ["$owner", None]}, None]},
            ]
        },
        {"$concat": ["u:", "$owner"]},
        "$visitor",
    ]
}


def _pipeline(steps: Sequence[str], start: datetime, end: datetime) -> Stages:
    kinds = sorted(set(steps))
    # Numbers instead of names, so that one busy visitor's events fit into a document.
    order = [kinds.index(step) for step in steps]
    kind = {"$indexOfArray": [{"$literal": kinds}, "$type"]}
    happened = {"timestamp": {"$gte": start, "$lt": end}}
    # Page views of signed-in people say whose a session is, whatever the steps are.
    tells = {"type": PAGE_VIEW, "session": {"$ne": None}, "user": {"$ne": None}}
    return [
        {
            "$match": {
                "visitor": {"$ne": None},
                **happened,
                "$or": [{"type": {"$in": kinds}}, tells],
            }
        },
        {
            "$project": {
                "_id": 0,
                "visitor": 1,
                "user": 1,
                "session": {"$ifNull": ["$session", "$id"]},
                "timestamp": 1,
                "id": 1,
                "kind": kind,
            }
        },
        {
            "$setWindowFields": {
                "partitionBy": "$session",
                "output": {"owner": {"$max": "$user"}},
            }
        },
        {"$match": {"kind": {"$gte": 0}}},
        {"$project": {"visitor": _ONE_VISITOR, "timestamp": 1, "id": 1, "kind": 1}},
        # Ids sort by arrival, which orders events of the same millisecond.
        {"$sort": {"visitor": 1, "timestamp": 1, "id": 1}},
        {"$group": {"_id": "$visitor", "kinds": {"$push": "$kind"}}},
        {"$group": {"_id": _how_far(order), "n": {"$sum": 1}}},
    ]


def _how_far(order: Sequence[int]) -> dict[str, Any]:
    """An expression for the number of steps done: each event is the next step or is ignored."""
    is_next = {"$eq": ["$$this", {"$arrayElemAt": [{"$literal": list(order)}, "$$value"]}]}
    is_done = {"$gte": ["$$value", len(order)]}
    return {
        "$reduce": {
            "input": "$kinds",
            "initialValue": 0,
            "in": {
                "$cond": [
                    {"$and": [{"$not": [is_done]}, is_next]},
                    {"$add": ["$$value", 1]},
                    "$$value",
                ]
            },
        }
    }
