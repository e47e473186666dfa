"""Beats: who is there, who is missed, and whether a node hears."""

from app.bus.pulse import MISSED_FOR_S, Beat, Pulse


class Turned:
    """A clock that a test turns."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def pulse_of(clock: Turned, *, misses_others: bool = True) -> Pulse:
    return Pulse("me", clock, every_s=1.0, misses_others=misses_others)


def test_a_node_hears_once_it_has_heard_for_a_while() -> None:
    """Before that another may still think that it is alone, and publish nothing."""
    clock = Turned()
    pulse = pulse_of(clock)
    assert not pulse.is_hearing
    pulse.begin()
    assert not pulse.is_hearing
    clock.now += 2.6
    assert pulse.is_hearing
    pulse.end()
    assert not pulse.is_hearing


def test_a_node_that_nobody_answers_is_alone_only_after_a_while() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    assert not pulse.is_alone
    pulse.begin()
    assert not pulse.is_alone
    clock.now += 2.6
    assert pulse.is_alone
    pulse.heard("ben", Beat(at=5.0))
    assert (pulse.is_alone, pulse.others) == (False, 1)
    pulse.heard("ben", Beat(at=6.0, leaves=True))
    assert (pulse.is_alone, pulse.others) == (True, 0)


def test_a_node_that_hears_nothing_does_not_count_as_alone() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    clock.now += 10
    pulse.end()
    assert not pulse.is_alone


def test_the_beats_of_another_are_heard_until_two_are_missing() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    assert not pulse.hears("ben")
    pulse.heard("ben", Beat(at=1.0))
    clock.now += 2.4
    assert pulse.hears("ben")
    clock.now += 0.2
    assert not pulse.hears("ben")
    pulse.heard("ben", Beat(at=4.0))
    pulse.heard("ben", Beat(at=5.0, leaves=True))
    assert not pulse.hears("ben")


def test_while_another_is_missed_this_one_does_not_count_as_hearing() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    pulse.heard("ben", Beat(at=1.0))
    clock.now += 2.6
    assert not pulse.is_hearing
    pulse.heard("ben", Beat(at=2.0))
    assert pulse.is_hearing
    clock.now += MISSED_FOR_S + 1
    pulse.heard("me", pulse.beat())
    assert (pulse.is_hearing, pulse.is_alone) == (True, True)


def test_one_that_is_dead_is_missed_no_longer() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    pulse.heard("ben", Beat(at=1.0))
    clock.now += 2.6
    pulse.living({"me", "ben"})
    assert not pulse.is_hearing
    pulse.living({"me"})
    assert (pulse.is_hearing, pulse.is_alone) == (True, True)


def test_one_that_beats_is_there_without_a_lease() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    pulse.heard("ben", Beat(at=1.0))
    pulse.living({"me"})
    assert pulse.others == 1


def test_one_that_was_held_for_dead_and_comes_back_is_missed_until_it_beats() -> None:
    """It may have lost the bus and the database, and found only the database again."""
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    pulse.heard("ben", Beat(at=1.0))
    clock.now += 2.6
    pulse.living({"me"})
    pulse.living({"me", "ben"})
    clock.now += 2.6
    assert not pulse.is_hearing
    pulse.heard("ben", Beat(at=2.0))
    assert pulse.is_hearing


def test_one_that_lives_and_never_beats_is_missed() -> None:
    """Somebody started it with another Redis, or with none."""
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    clock.now += 2.6
    pulse.living({"me", "ben"})
    assert (pulse.is_hearing, pulse.is_alone, pulse.others) == (True, False, 1)
    clock.now += 2.6
    pulse.living({"me", "ben"})
    assert not pulse.is_hearing
    pulse.living({"me"})
    assert pulse.is_hearing


def test_one_that_left_is_not_missed_while_its_lease_goes_on() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    pulse.begin()
    pulse.heard("ben", Beat(at=1.0, leaves=True))
    pulse.living({"me", "ben"})
    clock.now += 2.6
    assert (pulse.is_hearing, pulse.others) == (True, 0)


def test_others_are_not_missed_where_they_can_commit_nothing_unseen() -> None:
    clock = Turned()
    pulse = pulse_of(clock, misses_others=False)
    pulse.begin()
    pulse.heard("ben", Beat(at=1.0))
    clock.now += 60
    assert pulse.is_hearing
    pulse.heard("me", pulse.beat())
    assert pulse.is_alone


def test_the_lag_is_what_an_own_beat_took() -> None:
    clock = Turned()
    pulse = pulse_of(clock)
    sent = pulse.beat()
    clock.now += 0.25
    assert pulse.heard("me", sent)
    assert pulse.lag_s == 0.25
    assert not pulse.heard("ben", Beat(at=0.0))
    assert pulse.lag_s == 0.25
