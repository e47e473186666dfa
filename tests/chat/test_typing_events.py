"""At most five who write are named, and large rooms hear of it at their own pace."""

from types import SimpleNamespace
from typing import Any

from app.chat.large_rooms import Pauses
from app.chat.models import Membership
from app.chat.room_view import RoomObserver, RoomView
from app.chat.typing import Typing
from app.chat.typing_events import TypingEvents


class Hall:
    """One room; `told` has what it was told. Time goes by by itself only."""

    def __init__(self, size: int) -> None:
        self.now = 0.0
        self.told: list[dict[str, Any]] = []
        self.view = RoomView(RoomObserver())
        self.view.members = {f"p{n}": Membership(user=f"p{n}") for n in range(size)}
        self.typing = Typing(lambda: self.now)
        audience: Any = SimpleNamespace(tell_room=self._tell)
        views: Any = SimpleNamespace(get=self._get)
        serializer: Any = SimpleNamespace(name=lambda user_id, _: user_id.upper())
        self.events = TypingEvents(
            views, audience, self.typing, serializer, Pauses(lambda: self.now)
        )

    async def _get(self, _: str) -> RoomView:
        return self.view

    async def _tell(self, _: RoomView, __: str, payload: dict[str, Any]) -> None:
        self.told.append(payload)

    def start(self, *numbers: int) -> None:
        for number in numbers:
            self.typing.start("", f"p{number}")


async def test_five_are_named() -> None:
    hall = Hall(10)
    hall.start(*range(5))
    await hall.events.tell()
    hall.start(5)
    await hall.events.tell()
    first = [f"p{number}" for number in range(5)]
    assert hall.told == [{"room": "", "users": first, "more": more} for more in (False, True)]
    # A sixth changes nothing that people see.
    hall.start(6)
    await hall.events.tell()
    assert len(hall.told) == 2


async def test_a_large_room_hears_with_pauses_and_of_the_last_state() -> None:
    hall = Hall(200)
    hall.start(1)
    await hall.events.tell()
    assert hall.told[-1]["names"] == {"p1": "P1"}
    hall.start(2)
    await hall.events.tell()
    hall.start(3)
    await hall.events.tell()
    assert len(hall.told) == 1
    hall.now += 0.3
    await hall.events.tell()
    assert [told["users"] for told in hall.told] == [["p1"], ["p1", "p2", "p3"]]
