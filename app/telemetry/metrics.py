"""The figures of one running application, as Prometheus text.

Each application has its own registry, so that two in one process (tests) do not share counts.
"""

from collections.abc import Callable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

PREFIX = "parley_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """Where features register their figures. Names get the prefix `parley_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def gauge(self, name: str, help_text: str, read: Callable[[], float]) -> None:
        """A figure that is read when asked for."""
        Gauge(PREFIX + name, help_text, registry=self.registry).set_function(read)

    def counter(self, name: str, help_text: str) -> Counter:
        """A figure that only grows; its name ends in `_total`."""
        return Counter(PREFIX + name, help_text, registry=self.registry)

    def text(self) -> bytes:
        """Everything, in Prometheus' text format."""
        return generate_latest(self.registry)
