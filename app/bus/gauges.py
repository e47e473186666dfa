"""The figures of the bus for `/metrics`."""

from collections.abc import Sequence

from app.bus.bus import Bus
from app.telemetry.metrics import Gauge

WAYS = ("alone", "change stream", "redis")


def bus_gauges(bus: Bus) -> Sequence[Gauge]:
    """Which way is in use, whether it works, how late it is, and how many others there are."""
    way = "The way between nodes: 0 none, 1 MongoDB's change stream, 2 Redis."
    return [
        Gauge("bus_way", way, lambda: WAYS.index(bus.way)),
        Gauge("bus_hearing", "Whether hints of other nodes arrive.", lambda: bus.is_hearing),
        Gauge("bus_lag_seconds", "What a beat of this node took lately.", lambda: bus.lag_s),
        Gauge("bus_other_nodes", "Other nodes that the bus knows.", lambda: bus.others),
    ]
