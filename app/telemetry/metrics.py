"""The figures of one running application, as Prometheus text.

Each application has its own registry, so that two in one process (tests) do not share counts.
"""

from collections.abc import Callable, Sequence

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    Histogram,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

PREFIX = "parley_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

COMMIT_BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


class Metrics:
    """Where features register their figures. Names get the prefix `parley_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def counter(self, name: str, help_text: str, labels: Sequence[str] = ()) -> Counter:
        """A figure that only grows. Labels must come from a small closed set, never from people."""
        return Counter(PREFIX + name, help_text, labels, registry=self.registry)

    def gauge(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A figure that is read when asked for."""
        Gauge(PREFIX + name, help_text, registry=self.registry).set_function(read)

    def seconds(
        self, name: str, help_text: str, buckets: Sequence[float] = COMMIT_BUCKETS_S
    ) -> Histogram:
        """How long something took, in seconds."""
        return Histogram(PREFIX + name, help_text, buckets=buckets, registry=self.registry)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
