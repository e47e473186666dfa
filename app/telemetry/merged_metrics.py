"""One page of metrics from those of several workers: each sample says whose it is."""

from collections.abc import Iterable, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

LABEL = "worker"


def merged(pages: Mapping[int, bytes]) -> bytes:
    """The samples of all `pages`, by worker, in the text format; each has the label `worker`."""
    registry = CollectorRegistry()
    registry.register(_Families(pages))
    return generate_latest(registry)


class _Families(Collector):
    """The families of all pages, each once."""

    def __init__(self, pages: Mapping[int, bytes]) -> None:
        self._pages = pages

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for worker, page in sorted(self._pages.items()):
            for found in text_string_to_metric_families(page.decode()):
                family = Metric(found.name, found.documentation, found.type)
                family = families.setdefault(found.name, family)
                for sample in found.samples:
                    labels = {**sample.labels, LABEL: str(worker)}
                    family.add_sample(sample.name, labels, sample.value, sample.timestamp)
        return families.values()
