"""Assertions about who was shown what."""

from tests.checker.check import assert_consistent
from tests.checker.history import History
from tests.harness.person import Person
from tests.harness.town import Town


def assert_delivered_once(text: str, *people: Person, room: str = "hallway") -> None:
    """Each of these people is shown this message exactly once."""
    for person in people:
        times = person.room(room).texts().count(text)
        assert times == 1, f"{person.username} is shown «{text}» {times} times"


async def assert_kept(town: Town, history: History, *rooms: str) -> None:
    """Read what the server has in the end, and hold the whole run against it."""
    for room in rooms:
        history.final[room] = await town.history(room)
    assert_consistent(history)
