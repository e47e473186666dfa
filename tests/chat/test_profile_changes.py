"""The latest changes of people, for caches that keep a count."""

from app.chat.profile_changes import ProfileChanges


def test_changes_since_a_count_are_told_as_far_as_they_are_remembered() -> None:
    changes = ProfileChanges(remembered=2)
    assert list(changes.since(0) or ()) == []
    changes.note("ana")
    changes.note("ben")
    assert set(changes.since(0) or ()) == {"ana", "ben"}
    assert list(changes.since(1) or ()) == ["ben"]
    changes.note("cleo")
    assert changes.since(0) is None
    assert set(changes.since(1) or ()) == {"ben", "cleo"}
