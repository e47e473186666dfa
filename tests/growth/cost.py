"""The rule: what is twice as long takes about twice the time, and nothing takes long at all."""

from collections.abc import Awaitable, Callable
from time import process_time

from msgspec import Struct

# Below this nothing is looked at: a single measurement has as much noise.
UNNOTICED_S = 0.02
# A request that works longer than this on the loop holds everybody up (`/healthz` has 250 ms).
STALLS_S = 0.25
# Four times as long a text: linear work takes 4 times as long, quadratic work 16 times.
STEPS = 4
AT_MOST_TIMES = 9.0
# Up to this a single measurement is enough, although it may be off by a half.
CLEARLY_FEW_TIMES = 6.0
TRIES = 3


class Slow(Struct, frozen=True):
    """Something that took too long, or ever longer."""

    what: str
    characters: int
    seconds: float
    times: float

    def __str__(self) -> str:
        return (
            f"{self.what}: {self.seconds * 1000:.0f} ms of CPU for {self.characters:,} characters, "
            f"{self.times:.1f} times as long as for a quarter of them"
        )


Work = Callable[[int], Awaitable[object]]


async def measured(work: Work, characters: int, tries: int = 1) -> float:
    """Seconds of CPU of this process, the least of some tries."""
    least = float("inf")
    for _ in range(tries):
        began = process_time()
        await work(characters)
        least = min(least, process_time() - began)
    return least


async def too_slow(what: str, work: Work, characters: int) -> Slow | None:
    """Do `work` for a text of so many characters; Slow where it grows faster than the text."""
    once = await measured(work, characters)
    if once < UNNOTICED_S:
        return None
    if once <= min(STALLS_S, CLEARLY_FEW_TIMES * await measured(work, characters // STEPS)):
        return None
    seconds = await measured(work, characters, TRIES)
    quarter = await measured(work, characters // STEPS, TRIES)
    times = seconds / max(quarter, 0.000_1)
    if seconds < UNNOTICED_S or (times <= AT_MOST_TIMES and seconds <= STALLS_S):
        return None
    return Slow(what, characters, seconds, times)
