"""Limits what is counted without a session: bytes, and requests that no person made."""

import re
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog
from limits import RateLimitItemPerDay, RateLimitItemPerMinute

from app.errors import RateLimited, Unauthenticated
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter

LONGEST_HEADER = 1_000
EVERYBODY = "all"
# Search engines, previews of links, monitors. Programs that send events under the name of their
# HTTP library are none of them.
CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|facebookexternalhit|mediapartners|bingpreview|lighthouse"
    r"|google-inspectiontool|googleother|pingdom|statuscake|archiver|embedly|whatsapp|skypeuripreview",
    re.IGNORECASE,
)
AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
# The headers in which browsers say that they load a page ahead, without showing it (yet).
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")

log = structlog.get_logger("analytics")


class AnonymousSettings(Protocol):
    """The part of the settings that is read here. A limit of 0 is off."""

    @property
    def analytics_anonymous(self) -> bool: ...

    @property
    def analytics_calls_per_minute(self) -> int: ...

    @property
    def analytics_anonymous_bytes_per_minute(self) -> int: ...

    @property
    def analytics_anonymous_bytes_per_day(self) -> int: ...


class AnonymousLimits:
    """Budgets of this node. `refused` counts the calls beyond them."""

    def __init__(
        self,
        settings: AnonymousSettings,
        clock: Callable[[], float],
    ) -> None:
        self._settings = settings
        self._bytes = RateLimiter(clock)
        # One of its own: a flood of addresses must not push out the window of all.
        self._total = RateLimiter(clock, max_keys=1)
        self.refused = 0

    def must_be_welcome(self) -> None:
        """Raises Unauthenticated where this server counts nothing without a session."""
        if not self._settings.analytics_anonymous:
            raise Unauthenticated("This server counts events of signed-in people only.")

    def spend(self, address: str, size_bytes: int) -> None:
        """Take these bytes from the budgets. Raises RateLimited once one is used up."""
        settings = self._settings
        per_minute = settings.analytics_anonymous_bytes_per_minute
        per_day = settings.analytics_anonymous_bytes_per_day
        try:
            # Without a limit to calls there is none to what they bring, as for load tests.
            if per_minute and settings.analytics_calls_per_minute:
                item = RateLimitItemPerMinute(per_minute)
                self._bytes.spend("bytes", site_of(address), size_bytes, item)
            if per_day:
                self._total.spend("bytes", EVERYBODY, size_bytes, RateLimitItemPerDay(per_day))
        except RateLimited as limited:
            self.refused += 1
            log.info("events refused", error=limited.code, address=address)
            raise RateLimited(
                "More was sent without a session than this server counts at a time. "
                f"Go on in {limited.retry_after:.0f} s.",
                retry_after=limited.retry_after,
            ) from None


def is_loaded_ahead(headers: Mapping[str, str]) -> bool:
    """Whether a browser asks for a page that it does not show yet (Sec-Purpose, Fetch standard)."""
    return any(AHEAD.search(headers.get(name, "")[:LONGEST_HEADER]) for name in PURPOSES)


def is_crawler(headers: Mapping[str, str]) -> bool:
    """Whether the program names itself as one that reads pages for a machine."""
    return CRAWLER.search(headers.get("User-Agent", "")[:LONGEST_HEADER]) is not None
