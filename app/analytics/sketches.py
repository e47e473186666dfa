"""Sketches as they are stored: what came since the last flush, merged with what was there.

HyperLogLog for how many (Flajolet et al. 2007), KLL for quantiles (Karnin, Lang, Liberty 2016) and
theta sketches for who came back (Dasgupta et al. 2016), all as Apache DataSketches keeps them.
No I/O.
"""

from collections.abc import Iterable

import datasketches as ds

from app.analytics.unions import KLL_K, LG_K


def of_distinct(seen: Iterable[str]) -> ds.hll_sketch:
    """The HyperLogLog sketch of these."""
    sketch = ds.hll_sketch(LG_K, ds.HLL_8)
    for each in seen:
        sketch.update(each)
    return sketch


def with_distinct(stored: bytes | None, fresh: Iterable[ds.hll_sketch]) -> bytes:
    """The sketch `stored`, which has now seen what `fresh` ones have."""
    union = ds.hll_union(LG_K)
    if stored is not None:
        union.update(ds.hll_sketch.deserialize(stored))
    for sketch in fresh:
        union.update(sketch)
    return bytes(union.get_result(ds.HLL_4).serialize_compact())


def with_durations(stored: bytes | None, fresh: Iterable[ds.kll_floats_sketch]) -> bytes:
    """The KLL sketch `stored` and what was measured since."""
    merged = ds.kll_floats_sketch(KLL_K)
    if stored is not None:
        merged.merge(ds.kll_floats_sketch.deserialize(stored))
    for sketch in fresh:
        merged.merge(sketch)
    return bytes(merged.serialize())


def with_members(stored: bytes | None, seen: Iterable[str]) -> bytes:
    """The theta sketch `stored`, which has now seen these too."""
    fresh = ds.update_theta_sketch()
    for each in seen:
        fresh.update(each)
    union = ds.theta_union()
    union.update(fresh)
    if stored is not None:
        union.update(ds.compact_theta_sketch.deserialize(stored))
    return bytes(union.get_result().serialize())


def durations() -> ds.kll_floats_sketch:
    """An empty sketch to measure into."""
    return ds.kll_floats_sketch(KLL_K)
