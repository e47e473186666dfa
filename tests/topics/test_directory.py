"""The directory's cache: an older document of a topic never replaces a newer one."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from app.times import now
from app.topics.directory import Directory
from app.topics.models import Topic

MOMENT = now()
NEWS = Topic(name="news", creator="ana", created_at=MOMENT, changed_at=MOMENT)


class LateStore:
    """Finds a topic, and then reads a deletion of before it was created again."""

    async def find(self, _: str) -> Topic:
        return NEWS

    async def since(self, _: object) -> list[Topic]:
        return [replace(NEWS, changed_at=MOMENT - timedelta(seconds=1), is_gone=True)]


async def test_a_deletion_that_is_read_late_does_not_remove_a_new_topic() -> None:
    store: Any = LateStore()
    unused: Any = None
    directory = Directory(store, unused, now, 10, 10, unused, unused)
    await directory.find("news")
    await directory.refresh()
    assert directory.known("news") == NEWS
