"""Stored sketches put together: how many were distinct, and how a duration was spread. No I/O.

Costs time that grows with the number of sketches: call it in a thread for more than a few.
"""

from collections.abc import Iterable

import datasketches as ds

LG_K = 14
KLL_K = 200


def distinct(sketches: Iterable[bytes]) -> int:
    """How many different visitors, or sessions, all of these have seen together."""
    union = ds.hll_union(LG_K)
    for sketch in sketches:
        union.update(ds.hll_sketch.deserialize(sketch))
    estimate: float = union.get_estimate()
    return round(estimate)


def quantiles(sketches: Iterable[bytes], ranks: Iterable[float]) -> list[float | None]:
    """The values below which the shares `ranks` of everything lies; None where nothing does."""
    merged = ds.kll_floats_sketch(KLL_K)
    for sketch in sketches:
        merged.merge(ds.kll_floats_sketch.deserialize(sketch))
    if merged.is_empty():
        return [None for _ in ranks]
    return [round(merged.get_quantile(rank), 3) for rank in ranks]
