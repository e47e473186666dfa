"""The database query of announcements: the broadcasts of their category."""

from collections.abc import Mapping
from typing import Any

from pymongo import DESCENDING

from app.notifications.models import BROADCASTS
from app.storage.mongo import Database
from app.streams.models import ITEM
from app.streams.store import ENTRIES


class AnnouncementStore:
    """Reads announcements from the stream `broadcasts`."""

    def __init__(self, database: Database) -> None:
        self._entries = database.collection(ENTRIES)

    async def newest(self, category: str, limit: int) -> list[Mapping[str, Any]]:
        """The newest broadcasts of `category`: `{key, at, sender, title, body, link?, count}`.

        One to more than 10,000 people has several entries with the same key, each with its own
        `count`. The database counts the recipients, so that they are not fetched.
        """
        found = self._entries.aggregate(
            [
                {
                    "$match": {
                        "stream": BROADCASTS,
                        "kind": ITEM,
                        "body.notice.category": category,
                    }
                },
                {"$sort": {"rev": DESCENDING}},
                {"$limit": limit},
                {
                    "$project": {
                        "_id": 0,
                        "key": "$body.key",
                        "at": 1,
                        "sender": 1,
                        "title": "$body.notice.title",
                        "body": "$body.notice.body",
                        "link": "$body.notice.link",
                        "count": {"$size": "$body.to"},
                    }
                },
            ],
            hint="items",
        )
        return [each async for each in found]
