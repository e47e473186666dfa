"""What came in since the last flush, counted as it came. No I/O.

Times are minutes since 1970, so that counting an event costs a few dictionary look-ups.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import datasketches as ds

from app.analytics.models import PAGE_VIEW, Accepted
from app.analytics.sketches import durations

LONGEST_PAGE = 200
LONGEST_HOST = 100
LONGEST_REFERRER = 2_000
REFERRERS_KNOWN = 1_000

Named = tuple[str, str, int]
Plain = tuple[str, int]


class Tally:
    """`named` are counts whose names anyone can make up: `(kind, name, minute)`."""

    def __init__(self) -> None:
        self.plain: Counter[Plain] = Counter()
        self.named: Counter[Named] = Counter()
        self.visitors: dict[int, set[str]] = defaultdict(set)
        self.sessions: dict[int, set[str]] = defaultdict(set)
        self.durations: dict[Plain, ds.kll_floats_sketch] = defaultdict(durations)
        self.gauges: dict[Plain, int] = {}
        self.raw: list[Accepted] = []

    def __bool__(self) -> bool:
        return bool(self.raw or self.plain or self.named or self.durations or self.gauges)

    def add(self, event: Accepted) -> None:
        """Count one event."""
        minute = int(event.timestamp.timestamp()) // 60
        self.raw.append(event)
        self.plain["events", minute] += 1
        self.named["event", event.event_type, minute] += 1
        if event.visitor is not None:
            self.visitors[minute].add(event.visitor)
        if event.session_id is not None:
            self.sessions[minute].add(event.session_id)
        if event.event_type == PAGE_VIEW:
            self._add_page(event.properties, minute)

    def _add_page(self, properties: Mapping[str, Any], minute: int) -> None:
        self.plain["page_views", minute] += 1
        if path := page_of(properties.get("path")):
            self.named["page", path, minute] += 1
        if host := host_of(properties.get("referrer")):
            self.named["referrer", host, minute] += 1

    def took(self, series: str, minute: int, ms: float) -> None:
        """Measure one duration."""
        self.durations[series, minute].update(ms)

    def failed(self, code: str, minute: int) -> None:
        """Count one error."""
        self.named["errors", code, minute] += 1

    def show(self, series: str, minute: int, value: int) -> None:
        """A gauge shows `value`; the highest of a minute is kept."""
        key = (series, minute)
        self.gauges[key] = max(value, self.gauges.get(key, 0))


def page_of(path: object) -> str | None:
    """The path of a page view without its query, where it has one."""
    if not isinstance(path, str):
        return None
    return path.partition("?")[0].partition("#")[0][:LONGEST_PAGE] or None


def host_of(referrer: object) -> str | None:
    """The host that a visitor came from, named as such or in a whole address."""
    if not isinstance(referrer, str) or not 0 < len(referrer) <= LONGEST_REFERRER:
        return None
    return _host_of(referrer)


@lru_cache(maxsize=REFERRERS_KNOWN)
def _host_of(referrer: str) -> str | None:
    try:
        host = urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname
    except ValueError:
        return None
    return host[:LONGEST_HOST] if host else None
