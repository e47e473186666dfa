"""The rules of the pool: who gives way to whom, and that it counts right."""

import random
import time
from contextlib import suppress

import pytest
from msgspec import Struct

from app.errors import RateLimited, Unavailable
from app.realtime.pool import Lease, Pool


class Limits(Struct):
    websocket_max_connections: int = 20
    connections_per_person: int | None = None
    anonymous_connections: int | None = None
    anonymous_connections_per_address: int = 10


class House:
    """A pool, and who had to give way, in that order."""

    def __init__(self, **limits: int) -> None:
        self.pool = Pool(Limits(**limits))
        self.gone: list[str] = []

    def comes(self, name: str, site: str = "198.51.100.1") -> Lease:
        return self.pool.enter(site, lambda: self.gone.append(name))

    def signs_in(self, name: str) -> Lease:
        lease = self.comes(name)
        lease.sign_in(name)
        return lease


def test_people_get_in_whatever_strangers_hold() -> None:
    house = House()
    for n in range(30):
        house.comes(f"stranger {n}")
    for n in range(20):
        house.signs_in(f"person {n}")
    assert (len(house.pool), house.pool.unsigned) == (20, 0)
    with pytest.raises(Unavailable, match="Maximum connections reached") as full:
        house.comes("one more")
    assert full.value.retry_after
    assert not [name for name in house.gone if name.startswith("person")]


def test_the_oldest_of_the_network_with_the_most_gives_way() -> None:
    house = House(websocket_max_connections=6)
    house.comes("ana", "2001:db8:1::/64")
    house.comes("ben", "192.0.2.1")
    for n in range(4):
        house.comes(f"mallory {n}", "203.0.113.1")
    for n in range(3):
        house.comes(f"cleo {n}", f"198.51.100.{n}")
    # All have one now, the first of them the longest.
    assert house.gone == ["mallory 0", "mallory 1", "mallory 2"]
    house.comes("dora", "192.0.2.9")
    assert len(house.gone) == 4


def test_one_who_gave_way_cannot_sign_in_any_more() -> None:
    house = House(websocket_max_connections=1)
    first = house.comes("first")
    house.comes("second")
    with pytest.raises(Unavailable):
        first.sign_in("ana")
    first.end()
    assert len(house.pool) == 1


def test_one_person_leaves_room_for_others() -> None:
    house = House()
    mine = [house.signs_in("mallory") for _ in range(10)]
    with pytest.raises(RateLimited) as refused:
        house.signs_in("mallory")
    assert refused.value.retry_after
    house.signs_in("ana")
    mine[0].sign_in("mallory")  # Another namespace of the same connection.
    mine[0].end()
    house.signs_in("mallory")


@pytest.mark.parametrize(("size", "most"), [(2, 2), (8, 5), (20, 10), (100, 50)])
def test_a_person_has_half_of_the_pool(size: int, most: int) -> None:
    house = House(websocket_max_connections=size)
    for _ in range(size + 1):
        with suppress(RateLimited, Unavailable):
            house.signs_in("mallory")
    assert len(house.pool) - house.pool.unsigned == most


def test_limits_of_0_are_off() -> None:
    house = House(connections_per_person=0, anonymous_connections_per_address=0)
    for _ in range(18):
        house.signs_in("ana")
    for _ in range(2):
        house.comes("stranger").stay_anonymous()


def test_those_who_never_sign_in_share_a_small_part() -> None:
    house = House(websocket_max_connections=100)
    for n in range(10):
        site = f"192.0.2.{n // 5}"
        house.comes("listener", site).stay_anonymous()
        if n == 4:
            with pytest.raises(RateLimited):
                house.comes("one too many", site).stay_anonymous()
    with pytest.raises(Unavailable, match="Maximum connections reached"):
        house.comes("another network", "192.0.2.9").stay_anonymous()


def test_place_of_one_who_never_signs_in_is_free_again() -> None:
    house = House(anonymous_connections=1)
    for _ in range(3):
        lease = house.comes("listener")
        lease.stay_anonymous()
        lease.end()
        lease.end()
    assert len(house.pool) == house.pool.unsigned == 0


def test_signing_out_makes_it_give_way_again() -> None:
    house = House(websocket_max_connections=1, connections_per_person=1)
    lease = house.signs_in("ana")
    lease.sign_out(lambda: house.gone.append("signed out"))
    house.comes("ben")
    assert house.gone == ["signed out"]


def step(lease: Lease, luck: random.Random) -> None:
    """Anything that a transport may do with a lease at any time."""
    with suppress(RateLimited, Unavailable):
        match luck.randrange(5):
            case 0 | 1:
                lease.end()
            case 2:
                lease.sign_out(lambda: None)
            case _ if lease.is_anonymous:
                pass
            case 3 if lease.user is None:
                lease.stay_anonymous()
            case _:
                lease.sign_in(luck.choice("uvwxyz"))


def test_counts_are_right_after_anything() -> None:
    """Against a count of all, which takes too long for each step."""
    luck = random.Random(15)
    house = House(websocket_max_connections=30, anonymous_connections=9)
    held: list[Lease] = []
    for _ in range(5_000):
        if not held or luck.random() < 0.5:
            with suppress(Unavailable):
                held.append(house.comes("x", luck.choice("abcdefgh")))
        else:
            step(luck.choice(held), luck)
        held = [lease for lease in held if not lease.has_ended]
        sites = [lease.site for lease in held if lease.user is None]
        assert (len(house.pool), house.pool.unsigned) == (len(held), len(sites))
        if sites:
            oldest = house.pool._unsigned.oldest_of_most()
            assert oldest is not None
            assert sites.count(oldest.site) == max(map(sites.count, sites))


def test_giving_way_takes_no_longer_in_a_large_pool() -> None:
    def step_s(size: int) -> float:
        house = House(websocket_max_connections=size)
        for n in range(size):
            house.comes("x", str(n % (size // 2)))
        began = time.process_time()
        for n in range(2_000):
            house.comes("x", f"new {n}")
        return time.process_time() - began

    assert step_s(40_000) < 5 * min(step_s(400) for _ in range(3))
