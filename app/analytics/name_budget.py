"""Limits how many new names one user, or one anonymous network, adds to the counts in a day."""

from collections.abc import Callable, Iterable

from cachetools import FIFOCache
from limits import RateLimitItemPerDay

from app.analytics.models import PAGE_VIEW, Event, Naming
from app.analytics.tally import Name, host_of, page_of
from app.errors import RateLimited
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter

NEW_NAMES = RateLimitItemPerDay(100)
# How many paid names are remembered: a name becomes known only with the flush that counts it.
PAID_AT_MOST = 20_000


class NameBudget:
    """`knows(kind, name)` tells whether a name is counted as itself already. Spent names are
    counted in `limiter`."""

    def __init__(self, knows: Callable[[str, str], bool], limiter: RateLimiter) -> None:
        self._knows = knows
        self._spent = limiter
        self._paid: FIFOCache[tuple[str, Name], None] = FIFOCache(PAID_AT_MOST)

    def naming(self, events: Iterable[Event], user_id: str | None, address: str) -> Naming:
        """Spend the budget for new names in `events`, and return how their names may be counted."""
        by = user_id or site_of(address)
        new = {
            name
            for event in events
            for name in names_of(event)
            if not self._knows(*name) and (by, name) not in self._paid
        }
        if new:
            try:
                self._spent.spend("names", by, len(new), NEW_NAMES)
            except RateLimited:
                return "none"
            self._paid.update({(by, name): None for name in new})
        return "vouched" if user_id else "proposed"


def names_of(event: Event) -> Iterable[Name]:
    """The names, with their kind, that an event is counted under."""
    yield "event", event.event_type
    if event.event_type == PAGE_VIEW:
        if path := page_of(event.properties.get("path")):
            yield "page", path
        if host := host_of(event.properties.get("referrer")):
            yield "referrer", host
