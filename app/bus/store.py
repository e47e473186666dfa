"""Hints in MongoDB: a small collection with an end, and the change stream that shows them.

See https://www.mongodb.com/docs/manual/changeStreams/. The stream is read with plain commands: the
driver's own cursor takes one thread for each event, and resumes where nothing needs to be resumed.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pymongo
from bson.int64 import Int64
from msgspec import Struct
from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from app.bus.bus import Hint, StreamAdvanced
from app.bus.pulse import BEAT
from app.storage.mongo import Database
from app.times import now

HINTS = "bus_hints"
KEPT_S = 60
# MongoDB answers after so long also where nothing has happened.
ANSWERS_EVERY_MS = 1_000
EVENTS_AT_ONCE = 1_000
CLOSED_WITHIN_S = 1.0

INDEXES = {HINTS: [IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_S, name="end")]}


class Seen(Struct, frozen=True):
    """A portion of a change stream: commits of other nodes, and hints with all beats."""

    advanced: Sequence[StreamAdvanced]
    hints: Sequence[Hint]


class ChangeStream:
    """An open change stream. Its commands need one session."""

    def __init__(self, database: Database, session: Any, cursor: int) -> None:
        self._database = database
        self._session = session
        self.cursor = cursor

    async def next(self) -> Seen:
        """All that has happened since the last call, or nothing after a second without events.

        Raises the driver's errors; the stream has to be opened anew then.
        """
        reply = await self._database.db.command(
            {
                "getMore": Int64(self.cursor),
                "collection": "$cmd.aggregate",
                "batchSize": EVENTS_AT_ONCE,
                "maxTimeMS": ANSWERS_EVERY_MS,
            },
            session=self._session,
        )
        return seen_from(reply["cursor"]["nextBatch"])


class BusStore:
    """`entries` is the collection of the log, whose entries carry the `node` that made them."""

    def __init__(self, database: Database, entries: str, node_id: str) -> None:
        self._database = database
        self._entries = entries
        self._node_id = node_id
        # Not journaled: a hint that a crash takes away is lost like any other.
        self._hints = database.db.get_collection(HINTS, write_concern=WriteConcern(1))

    async def append(self, hints: Sequence[Hint]) -> None:
        """Write hints in their order."""
        await self._hints.bulk_write([_operation(hint) for hint in hints], ordered=True)

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[ChangeStream]:
        """Everything that other nodes commit and say from now on. Raises the driver's errors."""
        async with await self._database.client.start_session() as session:
            reply = await self._database.db.command(
                {"aggregate": 1, "pipeline": self._pipeline(), "cursor": {}}, session=session
            )
            stream = ChangeStream(self._database, session, reply["cursor"]["id"])
            try:
                yield stream
            finally:
                await self._close(stream)

    async def _close(self, stream: ChangeStream) -> None:
        """End a call of `next` that still waits: it would hold up its thread for a second."""
        with suppress(PyMongoError), pymongo.timeout(CLOSED_WITHIN_S):
            await self._database.db.command(
                {"killCursors": "$cmd.aggregate", "cursors": [Int64(stream.cursor)]}
            )

    def _pipeline(self) -> list[dict[str, Any]]:
        """Inserts of others into both collections. The server leaves out this node's own, which
        carry its `node`; a beat has none, so that it comes back."""
        name = self._database.name
        watched = [{"db": name, "coll": self._entries}, {"db": name, "coll": HINTS}]
        body = {n: f"$fullDocument.{n}" for n in ("stream", "rev", "topic", "kind", "data", "from")}
        return [
            {"$changeStream": {}},
            {
                "$match": {
                    "ns": {"$in": watched},
                    "operationType": {"$in": ["insert", "replace"]},
                    "fullDocument.node": {"$ne": self._node_id},
                }
            },
            {"$project": body},
        ]


def _operation(hint: Hint) -> Any:
    document = {
        "topic": hint.topic,
        "kind": hint.kind,
        "data": hint.data,
        "from": hint.sender,
        "at": now(),
    }
    if hint.kind == BEAT:
        # In place of the one before, or each node would write a document a second for nothing.
        return ReplaceOne({"_id": f"beat {hint.sender}"}, document, upsert=True)
    return InsertOne(document | {"node": hint.sender})


def seen_from(events: Sequence[dict[str, Any]]) -> Seen:
    """Sort events of the change stream into hints, and streams that moved with their last rev.

    One that lacks a field is of another version, and left out.
    """
    moved: dict[str, int] = {}
    hints: list[Hint] = []
    for event in events:
        match event:
            case {"stream": stream, "rev": rev}:
                moved[stream] = max(rev, moved.get(stream, 0))
            case {"topic": topic, "kind": kind, "data": data, "from": sender}:
                hints.append(Hint(topic, kind, data, sender))
    return Seen([StreamAdvanced(stream, rev) for stream, rev in moved.items()], hints)
