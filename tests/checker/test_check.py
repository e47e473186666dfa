"""One small run for each thing that can be wrong, and the right ones beside them."""

import pytest

from tests.checker.check import assert_consistent, check
from tests.checker.findings import Fault
from tests.checker.history import (
    Acked,
    Amend,
    History,
    Observed,
    Outcome,
    Reader,
    Refused,
    Send,
    Shown,
    Stay,
    Unknown,
)
from tests.checker.replay import Replay

ROOM = "hallway"


def said(
    n: int, text: str | None = None, *, rev: int | None = None, sender: str = "ana", **more: object
) -> Shown:
    """Message `n` of ana as it stands: seq n, client_id `c<n>`."""
    return Shown(f"m{n}", n, rev or n, sender, f"c{n}", text or f"text {n}", **more)  # type: ignore[arg-type]


def sent(n: int, *outcomes: Outcome, text: str | None = None, at: float | None = None) -> Send:
    send = Send(ROOM, "ana", f"c{n}", text or f"text {n}")
    moment = float(n) if at is None else at
    for outcome in outcomes or (Acked(f"m{n}", n, n),):
        send.tried(outcome, moment, moment + 0.5)
    return send


def batch(prev: int, *items: Shown, rev: int | None = None) -> Observed:
    return Observed(ROOM, prev, rev or max(i.rev for i in items), items, live=True)


def synced(cursor: int | None, rev: int, *items: Shown) -> Observed:
    return Observed(ROOM, cursor, rev, items)


def run(*sends: Send, final: list[Shown], amends: list[Amend] | None = None) -> History:
    return History(sends=list(sends), amends=amends or [], final={ROOM: final})


def faults(history: History) -> list[Fault]:
    return sorted({finding.fault for finding in check(history)})


def amended(kind: str, value: str, *outcomes: Outcome, by: str = "ana", of: str = "m1") -> Amend:
    amend = Amend(ROOM, by, of, kind, value)  # type: ignore[arg-type]
    for outcome in outcomes:
        amend.tried(outcome)
    return amend


def test_kept_promise_is_no_finding() -> None:
    assert_consistent(run(sent(1), sent(2), final=[said(1), said(2)]))


def test_acknowledged_and_gone_is_lost() -> None:
    assert faults(run(sent(1), sent(2), final=[said(1)])) == [Fault.LOST]


def test_unknown_may_be_there_or_not() -> None:
    assert_consistent(run(sent(1, Unknown()), sent(2, Unknown()), final=[said(2)]))


def test_one_client_id_under_two_ids_is_twice() -> None:
    again = Shown("m2", 2, 2, "ana", "c1", "text 1")
    assert faults(run(sent(1), final=[said(1), again])) == [Fault.TWICE]


def test_two_different_acks_of_one_message_is_twice() -> None:
    history = run(sent(1, Acked("m1", 1, 1), Acked("m9", 9, 9)), final=[said(1)])
    assert faults(history) == [Fault.TWICE]


def test_one_seq_for_two_messages_is_twice() -> None:
    second = Shown("m2", 1, 1, "ana", "c2", "text 2")
    history = run(sent(1), sent(2, Acked("m2", 1, 1), at=1.0), final=[said(1), second])
    assert faults(history) == [Fault.TWICE]


def test_never_sent_is_invented() -> None:
    assert faults(run(sent(1), final=[said(1), said(2)])) == [Fault.INVENTED]


def test_other_words_than_sent_is_invented() -> None:
    assert faults(run(sent(1), final=[said(1, "something else")])) == [Fault.INVENTED]


def test_what_the_room_says_needs_no_sender() -> None:
    assert_consistent(run(final=[said(1, "ana joined", system=True)]))


def test_refused_and_there_is_found() -> None:
    history = run(sent(1, Refused("too_large")), final=[said(1)])
    assert faults(history) == [Fault.REFUSED_BUT_PRESENT]


def test_unavailable_decides_nothing() -> None:
    assert_consistent(run(sent(1, Refused("unavailable")), final=[said(1)]))


def test_acknowledged_first_and_standing_later_is_reordered() -> None:
    history = run(
        sent(1, Acked("m2", 2, 2), at=1.0),
        sent(2, Acked("m1", 1, 1), at=5.0),
        final=[
            Shown("m1", 1, 1, "ana", "c2", "text 2"),
            Shown("m2", 2, 2, "ana", "c1", "text 1"),
        ],
    )
    assert faults(history) == [Fault.REORDERED]


def test_sent_at_the_same_time_may_stand_in_either_order() -> None:
    history = run(
        sent(1, Acked("m2", 2, 2), at=1.0),
        sent(2, Acked("m1", 1, 1), at=1.1),
        final=[
            Shown("m1", 1, 1, "ana", "c2", "text 2"),
            Shown("m2", 2, 2, "ana", "c1", "text 1"),
        ],
    )
    assert_consistent(history)


def test_other_seq_than_promised_is_reordered() -> None:
    history = run(sent(1, Acked("m1", 4, 4)), final=[Shown("m1", 5, 5, "ana", "c1", "text 1")])
    assert faults(history) == [Fault.REORDERED]


def reading(*observed: Observed, final: list[Shown], **more: object) -> History:
    history = run(*(sent(int(i.client_id[1:])) for i in final if i.sender == "ana"), final=final)
    history.readers.append(Reader("ben's page", "ben", list(observed)))
    for name, value in more.items():
        setattr(history, name, value)
    return history


def test_reader_who_saw_all_agrees() -> None:
    everything = [said(1), said(2), said(3)]
    assert_consistent(
        reading(synced(None, 1, said(1)), batch(1, said(2), said(3)), final=everything)
    )


def test_reader_of_the_newest_need_not_know_the_oldest() -> None:
    assert_consistent(reading(synced(None, 2, said(2)), final=[said(1), said(2)]))


def test_reader_who_missed_one_disagrees() -> None:
    history = reading(
        synced(None, 1, said(1)), batch(1, said(3)), final=[said(1), said(2), said(3)]
    )
    assert faults(history) == [Fault.DISAGREE]


def test_reader_who_stopped_early_disagrees() -> None:
    history = reading(synced(None, 1, said(1)), final=[said(1), said(2)])
    assert faults(history) == [Fault.DISAGREE]


def test_reader_who_holds_the_old_version_disagrees() -> None:
    history = reading(
        synced(None, 1, said(1)),
        batch(1, said(2)),
        final=[said(1, rev=2, deleted=True)],
    )
    assert Fault.DISAGREE in faults(history)


def test_same_version_with_other_words_disagrees() -> None:
    history = reading(synced(None, 1, said(1, "else")), final=[said(1)])
    assert faults(history) == [Fault.DISAGREE]


def test_reader_who_saw_what_the_history_never_had_is_invented() -> None:
    history = reading(synced(None, 2, said(1), said(2)), final=[said(1)])
    assert faults(history) == [Fault.INVENTED]


def test_gap_is_ignored_until_the_sync() -> None:
    everything = [said(1), said(2), said(3)]
    history = reading(
        synced(None, 1, said(1)),
        batch(2, said(3)),
        synced(1, 3, said(2), said(3)),
        final=everything,
    )
    assert_consistent(history)


def test_items_out_of_order_in_a_batch_are_reordered() -> None:
    history = reading(
        batch(0, said(2), said(1)),
        synced(None, 2, said(1), said(2)),
        final=[
            said(1),
            said(2),
        ],
    )
    assert faults(history) == [Fault.REORDERED]


def test_item_that_moved_is_reordered() -> None:
    moved = Shown("m1", 2, 3, "ana", "c1", "text 1")
    history = reading(synced(None, 1, said(1)), batch(1, moved), final=[said(1)])
    assert Fault.REORDERED in faults(history)


def test_old_item_in_a_later_batch_is_twice() -> None:
    history = reading(
        synced(None, 1, said(1)), batch(1, said(1), said(2)), final=[said(1), said(2)]
    )
    assert faults(history) == [Fault.TWICE]


def closed(*observed: Observed, stays: list[Stay], final: list[Shown]) -> History:
    return reading(*observed, final=final, stays=stays, closed_rooms={ROOM})


def test_member_until_the_end_sees_everything() -> None:
    everything = [said(1), said(2)]
    assert_consistent(
        closed(synced(None, 2, *everything), stays=[Stay(ROOM, "ben", 1)], final=everything)
    )


def test_anything_after_the_removal_is_leaked() -> None:
    history = closed(
        synced(None, 1, said(1)),
        batch(1, said(2)),
        stays=[Stay(ROOM, "ben", 1, 1)],
        final=[said(1), said(2)],
    )
    assert faults(history) == [Fault.LEAKED]


def test_anything_for_someone_who_never_was_a_member_is_leaked() -> None:
    history = closed(synced(None, 1, said(1)), stays=[], final=[said(1)])
    assert faults(history) == [Fault.LEAKED]


def test_member_again_may_read_what_came_between() -> None:
    everything = [said(1), said(2), said(3)]
    stays = [Stay(ROOM, "ben", 1, 1), Stay(ROOM, "ben", 3)]
    history = closed(
        synced(None, 1, said(1)), synced(1, 3, said(2), said(3)), stays=stays, final=everything
    )
    assert_consistent(history)


def changed(*amends: Amend, text: str = "text 1", rev: int = 1, **more: object) -> History:
    return run(sent(1), final=[said(1, text, rev=rev, **more)], amends=list(amends))


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


def test_live_batch_before_any_cursor_is_a_gap() -> None:
    assert not Replay().live(0, 1, [said(1)])


def test_overlapping_batches_keep_the_higher_rev() -> None:
    replay = Replay()
    replay.synced(2, [said(1, "new", rev=2)])
    assert replay.live(0, 1, [said(1)])
    assert replay.items["m1"].rev == 2
    assert replay.cursor == 2
