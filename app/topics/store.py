"""The queries of topics: their documents, and where in a stream serving begins.

Events themselves are items of the streams.
"""

from datetime import datetime

from pymongo import ASCENDING, DESCENDING, IndexModel
from pymongo.errors import DuplicateKeyError

from app.storage.mongo import Database
from app.streams.models import ITEM
from app.streams.store import ENTRIES
from app.topics.models import Topic, topic_document, topic_from

TOPICS = "topics"

INDEXES: dict[str, list[IndexModel]] = {
    TOPICS: [IndexModel([("created_at", ASCENDING)], name="created")],
}


class TopicStore:
    """The documents of topics."""

    def __init__(self, database: Database) -> None:
        self._topics = database.collection(TOPICS)

    async def find(self, name: str) -> Topic | None:
        """The topic called `name`."""
        found = await self._topics.find_one({"_id": name})
        return topic_from(found) if found else None

    async def since(self, moment: datetime | None, limit: int) -> list[Topic]:
        """Up to `limit` topics created then or later, in that order."""
        query = {} if moment is None else {"created_at": {"$gte": moment}}
        found = self._topics.find(query, sort=[("created_at", ASCENDING)], limit=limit)
        return [topic_from(document) async for document in found]

    async def insert(self, topic: Topic) -> bool:
        """Keep a new topic; False where the name is taken."""
        try:
            await self._topics.insert_one(topic_document(topic))
        except DuplicateKeyError:
            return False
        return True

    async def count(self) -> int:
        """How many topics there are."""
        return await self._topics.count_documents({})


class EventStore:
    """Where in a topic's stream the events begin that are still served."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(ENTRIES)

    async def nth_newest(self, stream: str, n: int) -> int:
        """The rev of the `n`th newest event, 0 where there are fewer. Read from the index alone."""
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
        """The rev of the first entry behind `after` that came at `moment` or later.

        Walks over what is older, which is as much as waits to be deleted.
        """
        found = await self._entries.find_one(
            {"stream": stream, "rev": {"$gt": after}, "at": {"$gte": moment}},
            {"rev": 1},
            sort=[("rev", ASCENDING)],
            hint="claims",
        )
        return found["rev"] if found else None
