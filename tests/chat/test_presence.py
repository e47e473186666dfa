"""A person's presence is that of their connections together."""

from app.chat.presence import Presence
from tests.chat.quiet import Quiet


def test_person_is_as_present_as_their_most_present_connection() -> None:
    presence, laptop, phone = Presence(), Quiet(), Quiet()
    assert presence.of("ana") == "offline"
    assert presence.set(laptop, "away") is True
    assert presence.set(phone, "online") is True
    assert presence.set(laptop, "idle") is False
    assert presence.leave(phone) is True
    assert presence.of("ana") == "idle"
    assert presence.leave(laptop) is True
    assert presence.leave(laptop) is False
    assert presence.of("ana") == "offline"
    assert presence._states == presence._counts == {}
