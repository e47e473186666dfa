"""Faults in edits, deletions and reactions: one small run for each."""

import pytest

from tests.checker.check import assert_consistent
from tests.checker.findings import Fault
from tests.checker.history import (
    Acked,
    Outcome,
    Refused,
    Unknown,
)
from tests.checker.runs import (
    amended,
    changed,
    faults,
)


def test_edit_that_stands_is_no_finding() -> None:
    edits = [amended("edit", "a", Acked("m1", 2, 2)), amended("edit", "b", Acked("m1", 3, 3))]
    assert_consistent(changed(*edits, text="b", rev=3))


def test_edit_overtaken_by_an_older_one_is_lost() -> None:
    edits = [amended("edit", "a", Acked("m1", 2, 2)), amended("edit", "b", Acked("m1", 3, 3))]
    assert faults(changed(*edits, text="a", rev=3)) == [Fault.LOST]


def test_promised_change_beyond_the_item_is_lost() -> None:
    assert faults(changed(amended("edit", "a", Acked("m1", 2, 2)))) == [Fault.LOST]


def test_unknown_edit_may_stand() -> None:
    assert_consistent(changed(amended("edit", "a", Unknown()), text="a", rev=2))


def test_refused_edit_that_stands_is_found() -> None:
    history = changed(amended("edit", "a", Refused("forbidden")), text="a", rev=2)
    assert faults(history) == [Fault.REFUSED_BUT_PRESENT]


def test_words_that_nobody_wrote_are_invented() -> None:
    history = changed(amended("edit", "a", Acked("m1", 2, 2)), text="c", rev=3)
    assert faults(history) == [Fault.INVENTED]


def test_promised_deletion_that_is_undone_is_lost() -> None:
    assert faults(changed(amended("delete", "", Acked("m1", 2, 2)), rev=2)) == [Fault.LOST]


def test_deletion_that_nobody_asked_for_is_invented() -> None:
    assert faults(changed(rev=2, deleted=True)) == [Fault.INVENTED]


def test_refused_deletion_that_happened_is_found() -> None:
    history = changed(amended("delete", "", Refused("forbidden")), rev=2, deleted=True)
    assert faults(history) == [Fault.REFUSED_BUT_PRESENT]


THUMBS = (("👍", ("ben",)),)


@pytest.mark.parametrize(
    ("outcome", "reactions", "expected"),
    [
        (Acked("m1", 2, 2), THUMBS, []),
        (Acked("m1", 2, 2), (), [Fault.LOST]),
        (Unknown(), THUMBS, []),
        (Unknown(), (), []),
        (Refused("invalid"), THUMBS, [Fault.REFUSED_BUT_PRESENT]),
        (None, THUMBS, [Fault.INVENTED]),
    ],
)
def test_reaction_is_there_as_promised(
    outcome: Outcome | None, reactions: tuple[object, ...], expected: list[Fault]
) -> None:
    amends = [amended("add", "👍", outcome, by="ben")] if outcome else []
    assert faults(changed(*amends, rev=2, reactions=reactions)) == expected


def test_reaction_taken_back_stays_away() -> None:
    amends = [
        amended("add", "👍", Acked("m1", 2, 2), by="ben"),
        amended("remove", "👍", Acked("m1", 3, 3), by="ben"),
    ]
    assert faults(changed(*amends, rev=3, reactions=THUMBS)) == [Fault.LOST]
