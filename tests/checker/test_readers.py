"""Faults in what readers are shown: one small run for each."""

from tests.checker.check import assert_consistent
from tests.checker.findings import Fault
from tests.checker.history import Shown, Stay
from tests.checker.replay import Replay
from tests.checker.runs import ROOM, batch, closed, faults, reading, said, synced


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


def test_live_batch_before_any_cursor_is_a_gap() -> None:
    assert not Replay().live(0, 1, [said(1)])


def test_overlapping_batches_keep_the_higher_rev() -> None:
    replay = Replay()
    replay.synced(2, [said(1, "new", rev=2)])
    assert replay.live(0, 1, [said(1)])
    assert replay.items["m1"].rev == 2
    assert replay.cursor == 2
