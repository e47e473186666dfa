"""The events of the change stream are sorted; documents of another version are left out."""

from typing import Any

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


def entry(rev: int) -> dict[str, Any]:
    return {"_id": f"{rev}", "stream": "room:1", "rev": rev}


def event(rev: int) -> dict[str, Any]:
    return {"stream": "room:1", "rev": rev, "entry": entry(rev)}


def test_a_run_of_entries_comes_along() -> None:
    seen = seen_from([event(3), {"stream": "room:2", "rev": 7}, event(4)])
    assert seen.advanced == [
        StreamAdvanced("room:1", 4, [entry(3), entry(4)]),
        StreamAdvanced("room:2", 7),
    ]


def test_where_one_is_missing_none_comes_along() -> None:
    long = {"stream": "room:1", "rev": 4}
    assert seen_from([event(3), long, event(5)]).advanced == [StreamAdvanced("room:1", 5)]
    assert seen_from([long, event(5)]).advanced == [StreamAdvanced("room:1", 5)]
    assert seen_from([event(3), event(5)]).advanced == [StreamAdvanced("room:1", 5)]


def test_documents_that_lack_a_field_are_left_out() -> None:
    seen = seen_from([{"stream": "room:1"}, {"topic": "a", "data": b"1"}, {}, {"new": 1}])
    assert (seen.advanced, seen.hints) == ([], [])
