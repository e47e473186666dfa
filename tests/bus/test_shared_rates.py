"""Limits that several nodes count together, over a bus that delivers at once."""

import pytest
from limits import RateLimitItemPerDay

from app.bus.shared_rates import SharedRates
from app.errors import RateLimited
from tests.bus.wires import Clock, Wire


def nodes(count: int, clock: Clock) -> tuple[list[Wire], list[SharedRates]]:
    wires = [Wire() for _ in range(count)]
    for wire in wires:
        wire.wires = [other for other in wires if other is not wire]
    return wires, [SharedRates(wire, "rates", clock) for wire in wires]


def passes(limits: list[SharedRates], per_minute: int) -> int:
    """How many hits by one person who uses the nodes in turns are allowed."""
    for allowed in range(10 * per_minute):
        try:
            limits[allowed % len(limits)].hit("message", "ana", per_minute)
        except RateLimited:
            return allowed
    raise AssertionError("there is no limit")


@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.parametrize("per_minute", [1, 7, 300])
def test_a_person_on_several_nodes_has_one_limit(count: int, per_minute: int) -> None:
    _, limits = nodes(count, Clock())
    assert per_minute <= passes(limits, per_minute) <= per_minute * 1.1 + 1


def test_those_far_below_a_limit_cost_no_hint() -> None:
    wires, limits = nodes(2, Clock())
    for n in range(1_000):
        limits[n % 2].hit("message", f"person {n % 100}", 300)
    assert [wire.sent for wire in wires] == [0, 0]


def test_a_person_on_one_node_has_the_whole_limit_and_costs_few_hints() -> None:
    wires, limits = nodes(4, Clock())
    assert passes(limits[:1], 300) == 300
    assert wires[0].sent <= 45


def test_what_was_used_long_ago_is_not_told() -> None:
    clock = Clock()
    wires, limits = nodes(2, clock)
    for _ in range(20):
        limits[0].hit("message", "ana", 300, cost=10)
        clock.now += 61
    assert wires[0].sent == 0


def test_what_is_kept_to_be_told_is_bounded() -> None:
    wires = [Wire(), Wire()]
    wires[0].wires = [wires[1]]
    limits = SharedRates(wires[0], "rates", Clock(), max_keys=100)
    for n in range(10_000):
        limits.hit("message", f"person {n}", 300)
    assert len(limits._untold[60].amounts) <= 100


def test_a_budget_of_a_day_is_shared_however_slowly_it_is_spent() -> None:
    clock = Clock()
    _, limits = nodes(2, clock)
    for hour in range(9):
        limits[hour % 2].spend("bytes", "all", 100, RateLimitItemPerDay(1_000))
        clock.now += 3_600
    with pytest.raises(RateLimited):
        limits[0].spend("bytes", "all", 201, RateLimitItemPerDay(1_000))


def test_a_limiter_of_one_key_keeps_it() -> None:
    wires = [Wire(), Wire()]
    wires[0].wires = [wires[1]]
    limits = SharedRates(wires[0], "rates", Clock(), max_keys=1)
    for _ in range(100):
        limits.hit("bytes", "all", 1_000)
    assert wires[0].sent == 2
