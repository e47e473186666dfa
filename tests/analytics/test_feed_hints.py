"""The live feed hears of what other nodes write, and asks the database only then."""

from app.analytics import feed_hints
from app.analytics.feed_hints import FeedHints
from tests.bus.wires import Clock, Wire


def nodes(clock: Clock) -> tuple[list[Wire], list[FeedHints]]:
    wires = [Wire(), Wire()]
    wires[0].wires, wires[1].wires = [wires[1]], [wires[0]]
    return wires, [FeedHints(wire, clock) for wire in wires]


def test_what_a_node_writes_is_told_only_while_somebody_follows_elsewhere() -> None:
    clock = Clock()
    wires, (here, there) = nodes(clock)
    there.written()
    assert wires[1].sent == 0
    here.begin()
    assert here.take_due()
    assert not here.take_due()
    there.written()
    assert here.news.is_set()
    assert here.take_due()
    here.end()
    there.written()
    clock.now += feed_hints.ASKED_FOR_S
    sent = wires[1].sent
    there.written()
    assert wires[1].sent == sent


def test_a_node_that_follows_says_so_again() -> None:
    clock = Clock()
    wires, (here, there) = nodes(clock)
    here.begin()
    for _ in range(10):
        clock.now += feed_hints.ASKS_EVERY_S
        here.remind()
        here.remind()
    assert wires[0].sent == 11
    there.written()
    assert here.take_due()


def test_without_a_hint_it_looks_seldom_while_it_hears_and_each_second_otherwise() -> None:
    clock = Clock()
    wires, (here, _) = nodes(clock)
    here.take_due()
    clock.now += 1
    assert here.take_due()
    wires[0].is_hearing_all = True
    clock.now += 1
    assert not here.take_due()
    clock.now += feed_hints.LOOKS_EVERY_S
    assert here.take_due()
