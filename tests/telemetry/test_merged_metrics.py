"""The figures of several workers on one page."""

from prometheus_client.parser import text_string_to_metric_families

from app.telemetry.merged_metrics import merged
from app.telemetry.metrics import Gauge, Metrics


def page(value: float, *, words: str = 'a "quoted" \\ word\nand a line') -> bytes:
    metrics = Metrics()
    metrics.add([Gauge("connections", words, lambda: value)])
    metrics.counter("sent", "How many.").inc(value)
    return metrics.text()


def test_each_sample_says_whose_it_is_and_each_family_is_there_once() -> None:
    text = merged({2: page(20), 1: page(10)}).decode()
    assert 'parley_connections{worker="1"} 10.0\nparley_connections{worker="2"} 20.0\n' in text
    assert 'parley_sent_total{worker="1"} 10.0\nparley_sent_total{worker="2"} 20.0\n' in text
    assert 'python_gc_collections_total{generation="0",worker="1"}' in text
    names = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(names) == len(set(names))


def test_what_a_page_says_of_itself_stays() -> None:
    def described(text: bytes) -> dict[str, tuple[str, str]]:
        families = text_string_to_metric_families(text.decode())
        return {family.name: (family.type, family.documentation) for family in families}

    assert described(merged({1: page(1)})) == described(page(1))
