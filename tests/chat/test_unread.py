"""Counting what is unread over the newest messages of a room, and how far people have read."""

from typing import Any, cast

from hypothesis import given
from hypothesis import strategies as st

from app.chat.models import Membership
from app.chat.room_view import RoomView
from app.chat.unread import AT_MOST, WINDOW, CountableMessage, RecentMessages


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["send", "delete", "again"]),
            st.integers(1, 30),
            st.sampled_from(["ana", "ben"]),
            st.booleans(),
        ),
        max_size=60,
    ),
    st.integers(0, 40),
)
def test_recent_counts_as_a_plain_list_does(
    steps: list[tuple[str, int, str, bool]], read_seq: int
) -> None:
    recent, plain = RecentMessages((), 0), cast(dict[int, CountableMessage], {})
    for step, seq, sender, is_mentioned in steps:
        if step == "delete":
            recent.remove(seq)
            plain.pop(seq, None)
        else:
            message = CountableMessage(
                seq=seq, sender=sender, mentions=("ana",) if is_mentioned else ()
            )
            recent.add(message)
            plain[seq] = message
    others = [m for m in plain.values() if m.seq > read_seq and m.sender != "ana"]
    mentions = sum("ana" in m.mentions for m in others)
    assert recent.unread("ana", read_seq) == (len(others), mentions)


def test_no_more_is_counted_than_anybody_wants_to_know() -> None:
    recent = RecentMessages(
        (CountableMessage(seq=n, sender="ben") for n in range(1, AT_MOST + 9)), 0
    )
    assert recent.unread("ana", 0) == (AT_MOST, 0)


def test_recent_knows_where_its_knowledge_begins() -> None:
    recent = RecentMessages((), 0)
    for seq in range(1, 2 * WINDOW + 2):
        recent.add(CountableMessage(seq=seq, sender="ben"))
    assert not recent.covers(WINDOW - 1)
    assert recent.covers(WINDOW)
    assert recent.unread("ana", WINDOW) == (WINDOW + 1, 0)
    recent.add(CountableMessage(seq=3, sender="ben"))
    assert recent.unread("ana", 0) == (WINDOW + 1, 0)


def test_reading_never_goes_backwards() -> None:
    view = RoomView(cast(Any, None))
    view.members["ana"] = Membership(user="ana", read_seq=5)
    assert view.mark_read("ana", 7) is True
    assert view.mark_read("ana", 6) is False
    assert view.mark_read("ben", 9) is False
    assert view.read_seq("ana") == 7
