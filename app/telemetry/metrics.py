"""The metrics of one application, in the Prometheus text format.

Each application has its own registry, so that two in one process (tests) do not share counters.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping

import prometheus_client
from msgspec import Struct
from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    generate_latest,
)

from app.telemetry.merged_metrics import merged

PREFIX = "parley_"
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Gauge(Struct, frozen=True):
    """A gauge and where its value is read. The name has no prefix."""

    name: str
    help_text: str
    read: Callable[[], float]


class Metrics:
    """Features register their gauges and counters here. Names get the prefix `parley_`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        # Of several workers of one server: which one this is, and how to ask the others.
        self.worker = 0
        self.others: Callable[[], Awaitable[Mapping[int, bytes]]] | None = None
        ProcessCollector(registry=self.registry)
        PlatformCollector(registry=self.registry)
        GCCollector(registry=self.registry)

    def add(self, gauges: Iterable[Gauge]) -> None:
        """Add gauges, each of which calls `read` at each scrape."""
        for gauge in gauges:
            shown = prometheus_client.Gauge(
                PREFIX + gauge.name, gauge.help_text, registry=self.registry
            )
            shown.set_function(gauge.read)

    def counter(self, name: str, help_text: str) -> Counter:
        """Add a counter; its name gets the suffix `_total`."""
        return Counter(PREFIX + name, help_text, registry=self.registry)

    def text(self) -> bytes:
        """The metrics of this process in the text format."""
        return generate_latest(self.registry)

    async def page(self) -> bytes:
        """The same, with those of the other workers where there are any."""
        if self.others is None:
            return self.text()
        return merged({self.worker: self.text(), **await self.others()})
