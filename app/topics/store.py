"""The queries of topics: their documents, and where in a stream serving begins.

The events are items of the stream `topic:<name>`.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from pymongo import ASCENDING, DESCENDING, IndexModel, ReturnDocument
from pymongo.errors import DuplicateKeyError

from app.storage.mongo import Database
from app.streams.models import ITEM
from app.streams.store import ENTRIES
from app.topics.models import Topic, settings_document

TOPICS = "topics"
# A deleted topic's document stays for a day, so that other nodes hear of the deletion.
REMEMBERED_S = 86_400
PRESENT = {"gone_at": {"$exists": False}}

INDEXES: dict[str, list[IndexModel]] = {
    TOPICS: [
        IndexModel([("created_at", ASCENDING)], name="created"),
        IndexModel([("changed_at", ASCENDING)], name="changed"),
        IndexModel([("gone_at", ASCENDING)], name="gone", expireAfterSeconds=REMEMBERED_S),
    ],
}


class TopicStore:
    """The documents of topics."""

    def __init__(self, database: Database) -> None:
        self._topics = database.collection(TOPICS)

    async def find(self, name: str) -> Topic | None:
        """The topic called `name`, or None."""
        found = await self._topics.find_one({"_id": name, **PRESENT})
        return _topic_from(found) if found else None

    async def since(self, moment: datetime | None) -> list[Topic]:
        """The topics created, changed or deleted at `moment` or later; None: all."""
        later = {"$gte": moment}
        query = {} if moment is None else {"$or": [{"created_at": later}, {"changed_at": later}]}
        return [_topic_from(document) async for document in self._topics.find(query)]

    async def insert(self, topic: Topic) -> Topic | None:
        """Store a new topic and return it; None where the name is taken."""
        gone = {"_id": topic.name, "gone_at": {"$exists": True}}
        try:
            return await self._change(gone, _document(topic), topic.changed_at, upsert=True)
        except DuplicateKeyError:
            return None

    async def update(self, name: str, settings: Mapping[str, Any], now: datetime) -> Topic | None:
        """Change settings and return the topic; None where there is none."""
        return await self._change({"_id": name, **PRESENT}, settings, now)

    async def delete(self, name: str, now: datetime) -> None:
        """Mark the topic called `name` as deleted."""
        await self._change({"_id": name, **PRESENT}, {"gone_at": now}, now)

    async def _change(
        self,
        query: Mapping[str, Any],
        fields: Mapping[str, Any],
        now: datetime,
        *,
        upsert: bool = False,
    ) -> Topic | None:
        """Set `fields`, at `now` but after any earlier change: clocks of nodes differ."""
        later: dict[str, Any] = {"$add": ["$changed_at", 1]}
        # $literal: typed text is a value, also where it begins with a dollar.
        new = {field: {"$literal": value} for field, value in fields.items()}
        new["changed_at"] = {"$max": [{"$literal": now}, later]}
        change: list[dict[str, Any]] = [{"$set": new}]
        if "gone_at" not in fields:
            change.append({"$unset": "gone_at"})
        found = await self._topics.find_one_and_update(
            query, change, upsert=upsert, return_document=ReturnDocument.AFTER
        )
        return _topic_from(found) if found else None

    async def count(self, creator: str | None = None) -> int:
        """The number of topics, of all or of one creator."""
        return await self._topics.count_documents(
            PRESENT if creator is None else {"creator": creator, **PRESENT}
        )


class EventStore:
    """Finds where in a topic's stream the served events begin."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(ENTRIES)

    async def nth_newest(self, stream: str, n: int) -> int:
        """The rev of the `n`th newest event, 0 where there are fewer. Reads only the index."""
        found = await self._entries.find(
            {"stream": stream, "kind": ITEM},
            {"_id": 0, "rev": 1},
            sort=[("rev", DESCENDING)],
            skip=n - 1,
            limit=1,
            hint="items",
        ).to_list(1)
        return found[0]["rev"] if found else 0

    async def first_since(self, stream: str, after: int, moment: datetime) -> int | None:
        """The rev of the first entry after `after` that came at `moment` or later, or None.

        Walks over the older ones, which are those that wait to be deleted.
        """
        found = await self._entries.find_one(
            {"stream": stream, "rev": {"$gt": after}, "at": {"$gte": moment}},
            {"rev": 1},
            sort=[("rev", ASCENDING)],
            hint="claims",
        )
        return found["rev"] if found else None


def _topic_from(document: Mapping[str, Any]) -> Topic:
    """A topic from its document."""
    fields = {
        # Documents of versions that could not change topics lack `changed_at`.
        "changed_at": document["created_at"],
        **document,
        "name": document["_id"],
        "keep": {"count": document["count"], "age_s": document["age_s"]},
        "is_gone": "gone_at" in document,
    }
    return msgspec.convert(fields, Topic)


def _document(topic: Topic) -> dict[str, Any]:
    """The fields of a new topic's document, without its name and `changed_at`."""
    return {
        "creator": topic.creator,
        "created_at": topic.created_at,
        "ephemeral": topic.ephemeral,
        **settings_document(topic.keep, topic.read, topic.publish),
    }
