"""The history of a topic whose stream jumped: after a restore, no event is said to be missed."""

from typing import Any

from app.streams.models import Item, Page
from app.times import now
from app.topics.history import TopicHistory
from app.topics.models import Keep, Topic

MOMENT = now()
NEWS = Topic(name="news", creator="ana", created_at=MOMENT, changed_at=MOMENT, keep=Keep(count=2))


class Restored:
    """A log whose head and floor are far beyond its two events."""

    async def head(self, _: str) -> int:
        return 100

    async def floor(self, _: str) -> int:
        return 99

    async def page(self, *_: Any, **__: Any) -> tuple[list[Item], bool]:
        return [], False

    async def since(self, *_: Any) -> Page:
        return Page(rev=100, items=[])

    async def nth_newest(self, *_: Any) -> int:
        return 4


async def test_a_cursor_from_before_a_restore_begins_anew() -> None:
    log: Any = Restored()
    served = await TopicHistory(log, log, now, 100).sync(NEWS, 1)
    assert (served.page.reset, served.lagged) == (True, 0)
