"""Counts the visitors of the last five minutes on all nodes: exactly up to 10,000, then by sketch.

The time of arrival counts, not the `timestamp` of an event. A visitor is an eight-byte hash.
The sketches are HyperLogLog (see `sketches.py`).
"""

import struct
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from hashlib import blake2b

import datasketches as ds

from app.analytics.sketches import LG_K
from app.analytics.store.flushes import ArrivalStore
from app.analytics.time_buckets import EPOCH
from app.times import Clock

WINDOW_MS = 300_000
EXACT = 10_000
SLICE_MS = 10_000
# Nodes write arrivals within about a second, and their clocks differ a little.
LOOKED_BACK_MS = 10_000

_PAIR = struct.Struct("<QI")


class VisitorWindow:
    """Each visitor's last arrival, and a sketch per ten seconds for when they are too many."""

    def __init__(self) -> None:
        self._last: dict[int, int] = {}
        self._signed_in: dict[int, int] = {}
        self._slices: dict[int, ds.hll_sketch] = {}
        self._full_at: int | None = None
        self._tidied = 0

    def add(self, visitor: int, at_ms: int) -> None:
        """Note that an event of `visitor` arrived at `at_ms` (milliseconds since 1970)."""
        self._slice(at_ms).update(visitor)
        if visitor not in self._last and len(self._last) >= EXACT:
            self._full_at = max(at_ms, self._full_at or 0)
        else:
            self._last[visitor] = max(at_ms, self._last.get(visitor, 0))

    def leave_out(self, visitor: int, at_ms: int) -> None:
        """No longer count this anonymous visitor, who turned out at `at_ms` to be a user."""
        self._signed_in[visitor] = max(at_ms, self._signed_in.get(visitor, 0))

    def merge(self, sketch: bytes, at_ms: int) -> None:
        """Add the arrivals of another node that were too many to list, as an HLL sketch."""
        union = ds.hll_union(LG_K)
        union.update(self._slice(at_ms))
        union.update(ds.hll_sketch.deserialize(sketch))
        self._slices[at_ms // SLICE_MS] = union.get_result(ds.HLL_8)
        self._full_at = max(at_ms, self._full_at or 0)

    def _slice(self, at_ms: int) -> ds.hll_sketch:
        number = at_ms // SLICE_MS
        if number not in self._slices:
            self._slices[number] = ds.hll_sketch(LG_K, ds.HLL_8)
        return self._slices[number]

    def count(self, now_ms: int) -> int:
        """The number of distinct visitors within five minutes before `now_ms`."""
        self._forget(now_ms)
        twice = self._signed_in.keys()
        if self._full_at is None:
            return len(self._last.keys() - twice) if twice else len(self._last)
        union = ds.hll_union(LG_K)
        for sketch in self._slices.values():
            union.update(sketch)
        estimate: float = union.get_estimate()
        return max(round(estimate), len(self._last)) - len(twice)

    def tidy(self, now_ms: int) -> None:
        """Drop arrivals that are too old, at most once per slice; `count` does so too."""
        if now_ms // SLICE_MS != self._tidied:
            self._forget(now_ms)

    def _forget(self, now_ms: int) -> None:
        self._tidied = now_ms // SLICE_MS
        edge = now_ms - WINDOW_MS
        self._last = {visitor: at for visitor, at in self._last.items() if at > edge}
        self._signed_in = {visitor: at for visitor, at in self._signed_in.items() if at > edge}
        self._slices = {n: s for n, s in self._slices.items() if (n + 1) * SLICE_MS > edge}
        if self._full_at is not None and self._full_at <= edge:
            self._full_at = None


class ActiveVisitors:
    """Counts this node's arrivals at once, and those of other nodes once they are written."""

    def __init__(self, store: ArrivalStore, node: str, clock: Clock) -> None:
        self._store = store
        self._node = node
        self._clock = clock
        self._window = VisitorWindow()
        self._fresh: dict[str | None, int] = {}
        self._unwritten: dict[int, int] = {}
        self._unwritten_signed_in: dict[int, int] = {}
        # The last flush read of each other node: its seq, and its time in ms.
        self._read: dict[str, tuple[int, int]] = {}

    def arrived(self, visitors: Iterable[str | None], at_ms: int) -> None:
        """Note that events of `visitors` were accepted here; None stands for no visitor."""
        self._fresh |= dict.fromkeys(visitors, at_ms)

    def signed_in(self, visitors: Iterable[str | None], at_ms: int) -> None:
        """Note that these anonymous visitors turned out to be users, who count themselves."""
        for visitor in filter(None, visitors):
            known = hashed(visitor)
            self._window.leave_out(known, at_ms)
            self._unwritten_signed_in[known] = at_ms

    async def count(self) -> int:
        """The number of distinct visitors of the last five minutes. Raises DatabaseError."""
        self._fold()
        now_ms = milliseconds(self._clock())
        await self._look(now_ms)
        return self._window.count(now_ms)

    def take(self) -> dict[int, int]:
        """The arrivals since the last call, hash → time in ms; the caller writes them."""
        self._fold()
        taken, self._unwritten = self._unwritten, {}
        self._window.tidy(milliseconds(self._clock()))
        return taken

    def take_signed_in(self) -> dict[int, int]:
        """Those who signed in since the last call, hash → time in ms; the caller writes them."""
        taken, self._unwritten_signed_in = self._unwritten_signed_in, {}
        return taken

    def _fold(self) -> None:
        for visitor, at_ms in self._fresh.items():
            if visitor is not None:
                known = hashed(visitor)
                self._window.add(known, at_ms)
                self._unwritten[known] = at_ms
        self._fresh.clear()

    async def _look(self, now_ms: int) -> None:
        """Read what other nodes have written, this server before its restart among them."""
        since = now_ms - WINDOW_MS - LOOKED_BACK_MS
        read = dict(self._read)
        found = self._store.since(moment(since), self._node, {n: s for n, (s, _) in read.items()})
        async for node, seq, at_ms, document in found:
            read[node] = max((seq, at_ms), read.get(node, (0, 0)))
            for visitor, arrived_ms in unpacked(document.get("arrivals", b""), at_ms):
                self._window.add(visitor, arrived_ms)
            for visitor, signed_in_ms in unpacked(document.get("signed_in", b""), at_ms):
                self._window.leave_out(visitor, signed_in_ms)
            if "hll" in document:
                self._window.merge(document["hll"], at_ms)
        # Forget nodes whose last arrival is older than the window.
        self._read = {node: last for node, last in read.items() if last[1] > since}


def hashed(visitor: str) -> int:
    """A visitor's hash (BLAKE2b, 63 bits), as an integer that the sketches take."""
    return int.from_bytes(blake2b(visitor.encode(), digest_size=8).digest(), "little") >> 1


def packed(arrivals: Mapping[int, int], at_ms: int) -> tuple[bytes, bytes | None]:
    """The stored form of a flush's arrivals: `(pairs, None)`, or `(b"", sketch)` beyond EXACT."""
    if len(arrivals) <= EXACT:
        return paired(arrivals, at_ms), None
    sketch = ds.hll_sketch(LG_K, ds.HLL_4)
    for visitor in arrivals:
        sketch.update(visitor)
    return b"", bytes(sketch.serialize_compact())


def paired(arrivals: Mapping[int, int], at_ms: int) -> bytes:
    """Pairs of a hash (8 bytes) and how many ms before `at_ms` it arrived (4 bytes)."""
    return b"".join(_PAIR.pack(v, max(0, at_ms - at)) for v, at in arrivals.items())


def unpacked(arrivals: bytes, at_ms: int) -> Iterable[tuple[int, int]]:
    """The pairs (hash, arrival in ms) from the bytes that `paired` returned."""
    return ((visitor, at_ms - before) for visitor, before in _PAIR.iter_unpack(arrivals))


def milliseconds(at: datetime) -> int:
    """Milliseconds since 1970."""
    return round(at.timestamp() * 1000)


def moment(ms: int) -> datetime:
    """The time `ms` milliseconds after 1970."""
    return EPOCH + timedelta(milliseconds=ms)
