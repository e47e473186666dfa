"""The events of the change stream are sorted; documents of another version are left out."""

from app.bus.bus import Hint, StreamAdvanced
from app.bus.store import seen_from


def test_the_last_rev_of_each_stream_and_hints_in_their_order() -> None:
    seen = seen_from(
        [
            {"stream": "room:1", "rev": 4},
            {"topic": "a", "kind": "k", "data": b"1", "from": "n"},
            {"stream": "room:1", "rev": 3},
            {"stream": "room:2", "rev": 1},
            {"topic": "a", "kind": "k", "data": b"2", "from": "n"},
        ]
    )
    assert seen.advanced == [StreamAdvanced("room:1", 4), StreamAdvanced("room:2", 1)]
    assert seen.hints == [Hint("a", "k", b"1", "n"), Hint("a", "k", b"2", "n")]


def test_documents_that_lack_a_field_are_left_out() -> None:
    seen = seen_from([{"stream": "room:1"}, {"topic": "a", "data": b"1"}, {}, {"new": 1}])
    assert (seen.advanced, seen.hints) == ([], [])
