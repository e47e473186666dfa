"""Sketches: how many were distinct, how durations are distributed, and which visitors came back.

HyperLogLog for distinct counts (Flajolet et al. 2007), KLL for quantiles (Karnin, Lang, Liberty
2016) and theta sketches for sets (Dasgupta et al. 2016), in the format of Apache DataSketches.
No I/O, but time that grows with the number of sketches: merge many in a thread.
"""

from collections.abc import Iterable

import datasketches as ds

LG_K = 14
KLL_K = 200


def of_distinct(seen: Iterable[str]) -> ds.hll_sketch:
    """A HyperLogLog sketch of the names in `seen`."""
    sketch = ds.hll_sketch(LG_K, ds.HLL_8)
    for each in seen:
        sketch.update(each)
    return sketch


def with_distinct(stored: bytes | None, fresh: Iterable[ds.hll_sketch]) -> bytes:
    """The HLL sketch `stored`, merged with the `fresh` ones."""
    union = ds.hll_union(LG_K)
    if stored is not None:
        union.update(ds.hll_sketch.deserialize(stored))
    for sketch in fresh:
        union.update(sketch)
    return bytes(union.get_result(ds.HLL_4).serialize_compact())


def with_durations(stored: bytes | None, fresh: Iterable[ds.kll_floats_sketch]) -> bytes:
    """The KLL sketch `stored`, merged with the `fresh` ones."""
    merged = ds.kll_floats_sketch(KLL_K)
    if stored is not None:
        merged.merge(ds.kll_floats_sketch.deserialize(stored))
    for sketch in fresh:
        merged.merge(sketch)
    return bytes(merged.serialize())


def with_members(stored: bytes | None, seen: Iterable[str]) -> bytes:
    """The theta sketch `stored`, with the names in `seen` added."""
    fresh = ds.update_theta_sketch()
    for each in seen:
        fresh.update(each)
    union = ds.theta_union()
    union.update(fresh)
    if stored is not None:
        union.update(ds.compact_theta_sketch.deserialize(stored))
    return bytes(union.get_result().serialize())


def durations() -> ds.kll_floats_sketch:
    """An empty KLL sketch."""
    return ds.kll_floats_sketch(KLL_K)


def distinct(sketches: Iterable[bytes]) -> int:
    """The distinct count of all these HLL sketches together."""
    union = ds.hll_union(LG_K)
    for sketch in sketches:
        union.update(ds.hll_sketch.deserialize(sketch))
    estimate: float = union.get_estimate()
    return round(estimate)


def distinct_without(seen: Iterable[bytes], left_out: Iterable[bytes]) -> int:
    """How many of the HLL sketches `seen` together are in none of the sketches `left_out`."""
    others = list(left_out)
    return distinct([*seen, *others]) - distinct(others) if others else distinct(seen)


def quantiles(sketches: Iterable[bytes], ranks: Iterable[float]) -> list[float | None]:
    """The quantiles at `ranks` of all these KLL sketches together; None where they are empty."""
    merged = ds.kll_floats_sketch(KLL_K)
    for sketch in sketches:
        merged.merge(ds.kll_floats_sketch.deserialize(sketch))
    if merged.is_empty():
        return [None for _ in ranks]
    return [round(merged.get_quantile(rank), 3) for rank in ranks]
