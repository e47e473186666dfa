"""The leases of nodes and the people of each node, in MongoDB.

Times are compared by the database's clock alone. The lease of a node that died is deleted later by
any other node, with its people.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import msgspec
import structlog
from pymongo import ASCENDING, IndexModel, ReturnDocument, UpdateOne

from app.nodes.models import DrainRequest, NodeReport, Renewal
from app.storage.mongo import Database

NODES, PEOPLE = "nodes", "node_people"
INDEXES: dict[str, list[IndexModel]] = {
    NODES: [],
    PEOPLE: [IndexModel([("node", ASCENDING), ("rev", ASCENDING)], name="changes")],
}

LEASE_S = 5.0
FORGOTTEN_AFTER_S = 60.0
WRITTEN_AT_ONCE = 1_000

log = structlog.get_logger("nodes")

# The value of a person who has left, kept for other nodes to read.
GONE = ""


class NodeStore:
    """Reads and writes both collections, named `prefix + name` during a restore."""

    def __init__(self, database: Database, prefix: str = "") -> None:
        self._nodes = database.collection(prefix + NODES)
        self._people = database.collection(prefix + PEOPLE)

    # Leases.

    async def renew(self, report: NodeReport) -> Renewal:
        """Let this node live for LEASE_S from now on."""
        told = msgspec.to_builtins(report, builtin_types=(type(report.started),))
        before = await self._nodes.find_one_and_update(
            {"_id": report.id},
            [{"$set": {"report": {"$literal": told}, "renewed": "$$NOW"}}],
            projection={"drain": 1, "drain_number": 1},
            upsert=True,
            return_document=ReturnDocument.BEFORE,
        )
        return Renewal(before is not None, _request(before or {}))

    async def living(self) -> list[NodeReport]:
        """The nodes whose lease has not ended, by name."""
        found = await self._nodes.aggregate(
            [{"$match": _renewed_within(LEASE_S)}, {"$sort": {"report.name": 1, "_id": 1}}]
        ).to_list(None)
        return [report for each in found if (report := _report(each)) is not None]

    async def ask_to_drain(self, node_ids: Collection[str], *, drains: bool) -> bool:
        """Ask nodes to drain, or to stop draining; they read that with their next renewal.

        False where all of them are gone.
        """
        asked = {"_id": {"$in": list(node_ids)}, **_renewed_within(LEASE_S)}
        change = {"$set": {"drain": drains}, "$inc": {"drain_number": 1}}
        return (await self._nodes.update_many(asked, change)).matched_count > 0

    async def forget_dead(self) -> None:
        """Delete the nodes that have been dead for a while, their people first."""
        dead = {"$nor": [_renewed_within(FORGOTTEN_AFTER_S)]}
        for node_id in [each["_id"] async for each in self._nodes.find(dead, {"_id": 1})]:
            await self._people.delete_many({"node": node_id})
            await self._nodes.delete_one({"_id": node_id, **dead})

    async def forget_all(self) -> None:
        """Delete everything, as after a restore."""
        await self._people.delete_many({})
        await self._nodes.delete_many({})

    # People.

    async def write_people(self, node_id: str, rev: int, changes: Mapping[str, str | None]) -> None:
        """Write the presence of these people as of `rev`; None for those who have left."""
        for portion in _portions(changes.items(), WRITTEN_AT_ONCE):
            writes = [_write(node_id, rev, user_id, value) for user_id, value in portion]
            await self._people.bulk_write(writes, ordered=False)

    async def forget_people(self, node_id: str) -> None:
        """Delete everybody, before all are written anew."""
        await self._people.delete_many({"node": node_id})

    async def forget_gone(self, node_id: str, rev: int) -> None:
        """Delete what is kept of people who had left by `rev`."""
        await self._people.delete_many({"node": node_id, "rev": {"$lte": rev}, "value": GONE})

    async def people(self, node_id: str) -> dict[str, str]:
        """The presence of everybody on a node, by user id."""
        found = self._people.find({"node": node_id, "value": {"$ne": GONE}}, SHOWN)
        return {each["user"]: each["value"] async for each in found}

    async def people_since(self, node_id: str, rev: int) -> dict[str, str | None]:
        """The changes after `rev`; None for those who have left."""
        found = self._people.find({"node": node_id, "rev": {"$gt": rev}}, SHOWN)
        return {each["user"]: each["value"] or None async for each in found}


def _report(document: Mapping[str, Any]) -> NodeReport | None:
    """A node's report; None for that of a version that this one can't read."""
    try:
        return msgspec.convert(document["report"], NodeReport)
    except msgspec.ValidationError as error:
        log.warning("a node's report can't be read", node=document["_id"], reason=str(error))
        return None


def _request(document: Mapping[str, Any]) -> DrainRequest | None:
    if "drain" not in document:
        return None
    # A node of the version before asks without a number.
    return DrainRequest(document.get("drain_number", 0), document["drain"])


SHOWN = {"_id": 0, "user": 1, "value": 1}


def _renewed_within(seconds: float) -> dict[str, Any]:
    edge = {"$subtract": ["$$NOW", round(seconds * 1000)]}
    return {"$expr": {"$gt": ["$renewed", edge]}}


def _write(node_id: str, rev: int, user_id: str, value: str | None) -> UpdateOne:
    fields = {"node": node_id, "user": user_id, "rev": rev, "value": value or GONE}
    return UpdateOne({"_id": f"{node_id}/{user_id}"}, {"$set": fields}, upsert=True)


def _portions(
    changes: Iterable[tuple[str, str | None]], size: int
) -> Iterator[list[tuple[str, str | None]]]:
    left = iter(changes)
    while portion := list(islice(left, size)):
        yield portion
