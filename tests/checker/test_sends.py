"""Faults in the promises to senders: one small run for each."""

from tests.checker.check import assert_consistent
from tests.checker.findings import Fault
from tests.checker.history import Acked, Refused, Shown, Unknown
from tests.checker.runs import faults, run, said, sent


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
