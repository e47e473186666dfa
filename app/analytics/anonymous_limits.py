"""Limits analytics without a session: budgets of bytes, and requests that no person made."""

import re
from collections.abc import Mapping

import structlog
from limits import RateLimitItemPerDay, RateLimitItemPerMinute

from app.errors import RateLimited, Unauthenticated
from app.security.client_address import site_of
from app.security.rate_limiter import RateLimiter
from app.settings import Settings

LONGEST_HEADER = 1_000
EVERYBODY = "all"
# Search engines, link previews and monitors, but not HTTP libraries: programs send events too.
CRAWLER = re.compile(
    r"(?<!cu)bot\b|crawl|spider|slurp|facebookexternalhit|mediapartners|bingpreview|lighthouse"
    r"|google-inspectiontool|googleother|pingdom|statuscake|archiver|embedly|whatsapp|skypeuripreview",
    re.IGNORECASE,
)
AHEAD = re.compile(r"prefetch|prerender|preview", re.IGNORECASE)
# The headers in which browsers say that they load a page ahead of showing it.
PURPOSES = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")

log = structlog.get_logger("analytics")


class AnonymousLimits:
    """Spends budgets of `each` address and of all in `total`. `refused` counts the requests beyond
    them.

    They are two limiters: a flood of addresses must not evict the window of all together.
    """

    def __init__(self, settings: Settings, each: RateLimiter, total: RateLimiter) -> None:
        self._settings = settings
        self._bytes = each
        self._total = total
        self.refused = 0

    def must_be_welcome(self) -> None:
        """Raise Unauthenticated where the settings allow no events without a session."""
        if not self._settings.analytics_anonymous:
            raise Unauthenticated("This server counts events of signed-in people only.")

    def spend(self, address: str, size_bytes: int) -> None:
        """Spend `size_bytes` of the budgets. Raises RateLimited once one is used up."""
        settings = self._settings
        per_minute = settings.analytics_anonymous_bytes_per_minute
        per_day = settings.analytics_anonymous_bytes_per_day
        try:
            # Load tests turn off the limit to requests, and with it the one to their bytes.
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
    """Whether a browser loads a page ahead of showing it (`Sec-Purpose`, Fetch standard)."""
    return any(AHEAD.search(headers.get(name, "")[:LONGEST_HEADER]) for name in PURPOSES)


def is_crawler(headers: Mapping[str, str]) -> bool:
    """Whether the user agent names itself as a crawler."""
    return CRAWLER.search(headers.get("User-Agent", "")[:LONGEST_HEADER]) is not None
