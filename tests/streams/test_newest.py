"""The newest items of a stream that changes while they are read."""

from typing import Any

from app.streams.log import Log
from app.streams.models import Item, Page
from tests.streams.world import NOON


def an_item(seq: int, rev: int | None = None) -> Item:
    name = f"item {seq}"
    return Item(
        id=name,
        stream="room:a",
        seq=seq,
        rev=rev or seq,
        sender="ana",
        client_id=name,
        at=NOON,
        body={},
    )


class Racing(Log):
    """Two items; between two reads, the first is changed and a third one comes."""

    def __init__(self) -> None:
        pass

    async def head(self, *_: Any) -> int:
        return 2

    async def page(self, *_: Any, **__: Any) -> tuple[list[Item], bool]:
        return [an_item(1, rev=3), an_item(2)], False

    async def since(self, *_: Any) -> Page:
        return Page(rev=4, items=[an_item(1, rev=3), an_item(4)])


async def test_an_item_that_is_pushed_out_while_they_are_read_is_told_of() -> None:
    page = await Racing().newest("room:a", 2)
    assert ([item.seq for item in page.items], page.rev, page.older) == ([2, 4], 4, True)
