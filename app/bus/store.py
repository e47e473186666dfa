"""Hints in MongoDB: a small collection with an end, and the change stream that shows them.

See https://www.mongodb.com/docs/manual/changeStreams/. The stream is read with plain commands: the
driver's own cursor takes one thread for each event, and resumes where nothing needs to be resumed.
"""

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

import pymongo
from bson import decode
from bson.codec_options import CodecOptions
from bson.int64 import Int64
from bson.raw_bson import RawBSONDocument
from msgspec import Struct
from pymongo import ASCENDING, IndexModel, InsertOne, ReplaceOne
from pymongo.errors import PyMongoError
from pymongo.write_concern import WriteConcern

from app.bus.bus import Hint, StreamAdvanced
from app.bus.pulse import BEAT
from app.storage.mongo import CODECS, Database
from app.times import now

HINTS = "bus_hints"
KEPT_S = 60
# MongoDB answers after so long also where nothing has happened.
ANSWERS_EVERY_MS = 1_000
EVENTS_AT_ONCE = 1_000
# A longer entry is read from the log, by nodes that follow its stream.
WHOLE_BYTES = 8 * 1_024
CLOSED_WITHIN_S = 1.0

# The driver decodes answers of commands its own way, and integers not as those of documents.
RAW: Any = CodecOptions(document_class=RawBSONDocument)

INDEXES = {HINTS: [IndexModel([("at", ASCENDING)], expireAfterSeconds=KEPT_S, name="end")]}


class Seen(Struct, frozen=True):
    """A portion of a change stream: commits of other nodes, one for each stream, and hints with all
    beats."""

    advanced: Sequence[StreamAdvanced]
    hints: Sequence[Hint]


class Run:
    """The entries of one stream in a portion of a change stream."""

    def __init__(self) -> None:
        self._rev = 0
        self._entries: list[dict[str, Any]] | None = []

    def add(self, rev: int, entry: dict[str, Any] | None) -> None:
        """Add the next entry; None for one that was too long."""
        follows = not self._entries or rev == self._rev + 1
        self._rev = max(self._rev, rev)
        if entry is None or not follows:
            self._entries = None
        elif self._entries is not None:
            self._entries.append(entry)

    def advance(self, stream: str) -> StreamAdvanced:
        """All of them together."""
        return StreamAdvanced(stream, self._rev, self._entries)


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
            codec_options=RAW,
            session=self._session,
        )
        return seen_from(decode(event.raw, CODECS) for event in reply["cursor"]["nextBatch"])


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
        is_whole = {
            "$and": [
                {"$eq": ["$ns.coll", self._entries]},
                {"$lte": [{"$bsonSize": "$fullDocument"}, WHOLE_BYTES]},
            ]
        }
        return [
            {"$changeStream": {}},
            {
                "$match": {
                    "ns": {"$in": watched},
                    "operationType": {"$in": ["insert", "replace"]},
                    "fullDocument.node": {"$ne": self._node_id},
                }
            },
            {"$project": body | {"entry": {"$cond": [is_whole, "$fullDocument", "$$REMOVE"]}}},
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


def seen_from(events: Iterable[dict[str, Any]]) -> Seen:
    """Sort events of the change stream into hints, and streams that moved with their last rev.

    One that lacks a field is of another version, and left out.
    """
    moved: dict[str, Run] = {}
    hints: list[Hint] = []
    for event in events:
        match event:
            case {"stream": stream, "rev": rev}:
                moved.setdefault(stream, Run()).add(rev, event.get("entry"))
            case {"topic": topic, "kind": kind, "data": data, "from": sender}:
                hints.append(Hint(topic, kind, data, sender))
    return Seen([run.advance(stream) for stream, run in moved.items()], hints)
