"""Counts events in memory between two flushes. No I/O.

Hot path: counting an event costs a few dictionary look-ups.
"""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit

import datasketches as ds

from app.analytics.models import PAGE_VIEW, Accepted, Naming, visitor_of
from app.analytics.sketches import durations
from app.analytics.time_buckets import EPOCH

KINDS = ("event", "page", "referrer", "errors")
LONGEST_PAGE = 200
LONGEST_HOST = 100
LONGEST_KNOWN = 2_000
KNOWN = 1_000
# Counts and sketches of one tally, all minutes together. Events may be of any minute of a month,
# and a transaction over too many documents would reach MongoDB's time limit.
WIDEST = 1_000

Name = tuple[str, str]
Plain = tuple[str, int]


class Minute:
    """The counts of one minute. `named` has, by kind, those whose names anyone can make up.

    `signed_in` has the anonymous visitors who turned out to be users in this minute.
    """

    __slots__ = ("named", "sessions", "signed_in", "visitors")

    def __init__(self) -> None:
        self.named: dict[str, dict[str, int]] = {kind: {} for kind in KINDS}
        self.visitors: set[str] = set()
        self.sessions: set[str] = set()
        self.signed_in: set[str] = set()

    @property
    def events(self) -> int:
        """The number of events of all types."""
        return sum(self.named["event"].values())

    @property
    def page_views(self) -> int:
        return self.named["event"].get(PAGE_VIEW, 0)


class Tally:
    """Everything since the last flush, by minutes since 1970; `raw` has the events themselves."""

    def __init__(self) -> None:
        self.minutes: dict[int, Minute] = {}
        self.durations: dict[Plain, ds.kll_floats_sketch] = defaultdict(durations)
        self.gauges: dict[Plain, int] = {}
        self.raw: list[Accepted] = []
        self.size_bytes = 0
        # Names from signed-in users and Parley itself, and those from anonymous clients.
        self.vouched: set[Name] = set()
        self.proposed: set[Name] = set()
        self._width = 0
        # Nearly every event is of the minute of the one before it.
        self._latest = Minute()
        self._latest_from = self._latest_until = EPOCH

    def __bool__(self) -> bool:
        return bool(self.minutes or self.durations or self.gauges)

    @property
    def is_wide(self) -> bool:
        """Whether the next event belongs into a new tally."""
        return self._width > WIDEST

    def add(self, event: Accepted) -> None:
        """Count one event."""
        at = event.timestamp
        if not self._latest_from <= at < self._latest_until:
            self._turn_to(at)
        minute = self._latest
        self.raw.append(event)
        self._name(minute, "event", event.event_type, event.naming)
        if event.visitor is not None:
            minute.visitors.add(event.visitor)
        if event.session_id is not None:
            minute.sessions.add(event.session_id)
        if event.is_first_signed_in:
            minute.signed_in.add(str(visitor_of(None, event.session_id)))
        if event.event_type == PAGE_VIEW:
            self._add_page(event.properties, minute, event.naming)

    def _turn_to(self, at: datetime) -> None:
        number = int(at.timestamp()) // 60
        self._latest = self._minute(number)
        self._latest_from = EPOCH + timedelta(minutes=number)
        self._latest_until = self._latest_from + timedelta(minutes=1)

    def _minute(self, number: int) -> Minute:
        if number not in self.minutes:
            self.minutes[number] = Minute()
            self._width += len(("events", "visitors", "sessions", "signed_in"))
        return self.minutes[number]

    def _count(self, minute: Minute, kind: str, name: str) -> None:
        names = minute.named[kind]
        if name in names:
            names[name] += 1
        else:
            names[name] = 1
            self._width += 1

    def _name(self, minute: Minute, kind: str, name: str, naming: Naming) -> None:
        self._count(minute, kind, name)
        if naming == "vouched":
            self.vouched.add((kind, name))
        elif naming == "proposed":
            self.proposed.add((kind, name))

    def _add_page(self, properties: Mapping[str, Any], minute: Minute, naming: Naming) -> None:
        if path := page_of(properties.get("path")):
            self._name(minute, "page", path, naming)
        if host := host_of(properties.get("referrer")):
            self._name(minute, "referrer", host, naming)

    def took(self, series: str, minute: int, ms: float) -> None:
        """Add one duration, in milliseconds."""
        self.durations[series, minute].update(ms)

    def failed(self, code: str, minute: int) -> None:
        """Count one error."""
        self._name(self._minute(minute), "errors", code, "vouched")

    def show(self, series: str, minute: int, value: int) -> None:
        """Note the value of a gauge; the highest of a minute is kept."""
        key = (series, minute)
        self.gauges[key] = max(value, self.gauges.get(key, 0))


def page_of(path: object) -> str | None:
    """A page view's path without its query and fragment, or None."""
    if not isinstance(path, str):
        return None
    # Cut before caching: a path may be as long as a request.
    return _page_of(path) if len(path) <= LONGEST_KNOWN else _page_of(path[:LONGEST_KNOWN])


@lru_cache(maxsize=KNOWN)
def _page_of(path: str) -> str | None:
    return path.partition("?")[0].partition("#")[0][:LONGEST_PAGE] or None


def host_of(referrer: object) -> str | None:
    """The host of a referrer, which is a host or a URL; None where there is none."""
    if not isinstance(referrer, str) or not 0 < len(referrer) <= LONGEST_KNOWN:
        return None
    return _host_of(referrer)


@lru_cache(maxsize=KNOWN)
def _host_of(referrer: str) -> str | None:
    try:
        host = urlsplit(referrer if "//" in referrer else f"//{referrer}").hostname
    except ValueError:
        return None
    return host[:LONGEST_HOST] if host else None
