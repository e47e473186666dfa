"""The times from an ack to the sight of a message on another node: one small run for each rule."""

import math

from tests.checker.delays import Delays, Span, quantile
from tests.checker.history import Acked, History, Observed, Reader, Send, Shown, Unknown

ROOM = "hallway"
ALWAYS = [Span(0.0, 1000.0)]


def sent(n: int, *, acked_at: float, node: str = "a") -> Send:
    send = Send(ROOM, "ana", f"c{n}", f"text {n}", node=node)
    send.tried(Acked(f"m{n}", n, n), acked_at - 0.1, acked_at)
    return send


def saw(*at: float) -> list[Observed]:
    """The items 1, 2, … one after the other at these seconds."""
    return [
        Observed(ROOM, n - 1, n, (Shown(f"m{n}", n, n),), live=True, at=each)
        for n, each in enumerate(at, start=1)
    ]


def run(sends: list[Send], **readers: list[Observed]) -> Delays:
    """Readers by the name of their node."""
    seen = [Reader(node, "ben", observed, node=node) for node, observed in readers.items()]
    return Delays(History(sends=sends, readers=seen), ROOM)


def test_only_readers_on_other_nodes_count() -> None:
    delays = run([sent(1, acked_at=10.0)], a=saw(19.0), b=saw(10.25), c=saw(10.5))
    assert delays.within(ALWAYS) == [0.25, 0.5]


def test_the_first_sight_and_the_first_ack_count() -> None:
    send = Send(ROOM, "ana", "c1", "text 1", node="a")
    send.tried(Unknown(), 9.0, 9.5)
    send.tried(Acked("m1", 1, 1), 9.9, 10.0)
    send.tried(Acked("m1", 1, 1), 11.0, 12.0)
    again = Observed(ROOM, None, 1, (Shown("m1", 1, 1),), at=20.0)
    assert run([send], b=[*saw(10.5), again]).within(ALWAYS) == [0.5]


def test_an_ack_may_come_after_the_message() -> None:
    assert run([sent(1, acked_at=10.0)], b=saw(9.75)).within(ALWAYS) == [-0.25]


def test_never_seen_is_infinitely_late() -> None:
    sends = [sent(1, acked_at=10.0), sent(2, acked_at=11.0)]
    assert run(sends, b=saw(10.5)).within(ALWAYS) == [0.5, math.inf]


def test_a_span_has_what_was_acknowledged_within_it() -> None:
    sends = [sent(n, acked_at=10.0 * n) for n in (1, 2, 3)]
    delays = run(sends, b=saw(10.5, 21.0, 32.0))
    assert delays.within([Span(10.0, 20.0), Span(30.0, 31.0)]) == [0.5, 2.0]


def test_quantiles_of_few() -> None:
    assert quantile([], 0.99) == 0.0
    assert quantile([1.0], 0.5) == 1.0
    assert quantile([1.0, 2.0, 3.0, 4.0], 0.5) == 2.0
    assert quantile([float(n) for n in range(1, 101)], 0.99) == 99.0
