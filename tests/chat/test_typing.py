"""The people who are writing at the moment."""

from app.chat.typing import EXPIRES_S, Typing


def test_typing_ends_by_itself_unless_it_goes_on() -> None:
    now = 0.0
    typing = Typing(lambda: now)
    typing.start("hallway", "ana")
    assert typing.take_changed() == {"hallway"}
    typing.start("hallway", "ana")
    assert typing.take_changed() == set()
    typing.start("hallway", "ben")
    now = EXPIRES_S - 1
    typing.start("hallway", "ana")
    assert typing.take_changed() == {"hallway"}
    now = EXPIRES_S
    assert typing.take_changed() == {"hallway"}
    assert typing.among("hallway") == ["ana"]
    assert typing.take_changed() == set()
    typing.stop("hallway", "ana")
    assert typing.take_changed() == {"hallway"}
    typing.stop("hallway", "ana")
    assert typing.take_changed() == set()
    assert typing._until == {}


def test_a_person_who_is_gone_writes_nowhere() -> None:
    typing = Typing(lambda: 0.0)
    for room in ("hallway", "workshop", "attic"):
        typing.start(room, "ben" if room == "attic" else "ana")
    typing.start("workshop", "ben")
    typing.take_changed()
    typing.stop_all("ana")
    assert typing.take_changed() == {"hallway", "workshop"}
    assert typing.among("workshop") == ["ben"]
