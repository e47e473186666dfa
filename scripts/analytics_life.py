"""A believable life of a site with a chat: who comes when and does what.

Made up, and the same for the same seed. Weekdays have more of it than weekends, mornings and
afternoons more than nights, and over the months it grows. A quarter of an hour of the last day goes
badly, so that there is something to see.
"""

import math
import random
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

WEEKDAYS = (1.0, 1.06, 1.1, 1.02, 0.84, 0.34, 0.3)
HOURS = (2, 1, 1, 1, 1, 2, 5, 12, 24, 38, 44, 40, 30, 33, 42, 45, 40, 31, 20, 15, 13, 11, 7, 4)
SESSIONS_A_DAY = 640
TROUBLE_AGO_H = (5.0, 5.2)

PAGES = {
    "/rooms/workshop": 30,
    "/rooms/hallway": 22,
    "/rooms/support": 14,
    "/notifications": 9,
    "/rooms/kitchen": 7,
    "/settings": 4,
    "/rooms/reading-list": 3,
    "/rooms/releases": 3,
}
OUTSIDE = {"/login": 40, "/pricing": 24, "/docs/start": 18, "/docs/api": 10, "/changelog": 8}
REFERRERS = {
    "news.example.org": 34,
    "search.example.com": 30,
    "github.com": 18,
    "blog.example.net": 11,
    "lists.example.org": 7,
}
PLANS = {"team": 46, "solo": 38, "studio": 13, '"free" & <easy>': 3}
EMOJI = {"👍": 40, "🎉": 24, "❤️": 18, "😄": 12, "🚀": 6}
ERRORS = {"rate_limited": 40, "invalid": 32, "forbidden": 16, "not_found": 12}


class Happened(NamedTuple):
    """One event. `visitor` is `u:…` or `s:…`, as analytics calls them."""

    at: datetime
    event_type: str
    visitor: str
    session: str
    properties: dict[str, Any]


class Life:
    """`members` are ids of people with accounts; the days are those of `zone`."""

    def __init__(
        self, *, now: datetime, zone: str, members: Sequence[str], days: int = 90, seed: int = 7
    ) -> None:
        self.now = now
        self.days = days
        self._zone = ZoneInfo(zone)
        self._members = members
        self._random = random.Random(seed)
        self._guests: list[str] = []
        self._ids = 0

    def events(self) -> Iterator[Happened]:
        """All of them, day by day."""
        for ago in range(self.days, -1, -1):
            day = (self.now - timedelta(days=ago)).astimezone(self._zone)
            for _ in range(self._sessions(day, ago)):
                yield from self._session(self._moment(day))

    def _sessions(self, day: datetime, ago: int) -> int:
        growth = 1.0 - 0.45 * ago / self.days
        noise = self._random.gauss(1, 0.06)
        return round(SESSIONS_A_DAY * WEEKDAYS[day.weekday()] * growth * noise)

    def _moment(self, day: datetime) -> datetime:
        hour = self._random.choices(range(24), HOURS)[0]
        second = self._random.randrange(3600)
        start = day.replace(hour=hour, minute=0, second=0, microsecond=0)
        # In UTC from here on: buckets are cut there, and a day of a zone can have 25 hours.
        return (start + timedelta(seconds=second)).astimezone(UTC)

    def _session(self, at: datetime) -> Iterator[Happened]:
        """The events of one visit, as far as it has happened already."""
        self._ids += 1
        session = f"s{self._ids:06d}"
        is_member = self._random.random() < 0.55
        visit = self._member() if is_member else self._guest(session)
        for wait_s, event_type, visitor, properties in visit:
            at += timedelta(seconds=wait_s)
            if at < self.now:
                yield Happened(at, event_type, visitor, session, properties)

    def _pick(self, weights: dict[str, int]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _wait(self, mean_s: float) -> float:
        return self._random.expovariate(1 / mean_s)

    def _member(self) -> Iterator[tuple[float, str, str, dict[str, Any]]]:
        # Some are there each day, some once a week.
        place = min(int(self._random.expovariate(3 / len(self._members))), len(self._members) - 1)
        who = f"u:{self._members[place]}"
        if self._random.random() < 0.3:
            yield 0, "user_login", who, {}
        transport = "websocket" if self._random.random() < 0.94 else "polling"
        yield 1, "connection_opened", who, {"transport": transport}
        for _ in range(self._random.randint(1, 6)):
            page = self._pick(PAGES)
            yield self._wait(50), "page_view", who, {"path": page}
            if not page.startswith("/rooms/"):
                continue
            for _ in range(self._random.choices((0, 1, 2, 4), (40, 30, 20, 10))[0]):
                room = page.removeprefix("/rooms/")
                yield self._wait(40), "message_sent", who, {"room": room}
            if self._random.random() < 0.3:
                yield self._wait(15), "reaction_added", who, {"emoji": self._pick(EMOJI)}

    def _guest(self, session: str) -> Iterator[tuple[float, str, str, dict[str, Any]]]:
        who = self._who_is_back() or f"s:{session}"
        self._guests.append(who)
        referrer = {"referrer": self._pick(REFERRERS)} if self._random.random() < 0.6 else {}
        yield 0, "page_view", who, {"path": self._pick(OUTSIDE)} | referrer
        for _ in range(self._random.randint(0, 3)):
            yield self._wait(45), "page_view", who, {"path": self._pick(OUTSIDE)}
        if self._random.random() > 0.16:
            return
        yield self._wait(60), "signup", who, {"plan": self._pick(PLANS), "seats": self._seats()}
        if self._random.random() < 0.58:
            yield self._wait(120), "trial_started", who, {"days": 30}
            if self._random.random() < 0.4:
                yield self._wait(200), "invite_sent", who, {"count": self._random.randint(1, 6)}

    def _who_is_back(self) -> str | None:
        if not self._guests or self._random.random() > 0.62:
            return None
        back = min(int(self._random.expovariate(1 / 3_000)), len(self._guests) - 1)
        return self._guests[-1 - back]

    def _seats(self) -> int:
        return self._random.choices((1, 3, 5, 10, 25), (30, 28, 22, 14, 6))[0]

    def crowd(self, at: datetime) -> float:
        """How much is going on, from 0 to 1."""
        local = at.astimezone(self._zone)
        hour, part = local.hour, local.minute / 60
        level = HOURS[hour] * (1 - part) + HOURS[(hour + 1) % 24] * part
        return WEEKDAYS[local.weekday()] * level / max(HOURS)

    def is_in_trouble(self, at: datetime) -> bool:
        last, first = (self.now - timedelta(hours=h) for h in TROUBLE_AGO_H)
        return first <= at < last

    def durations(self, at: datetime, median_ms: float, count: int) -> list[float]:
        """Milliseconds, with the long tail that durations have."""
        slow = 9.0 if self.is_in_trouble(at) else 1.0 + 0.5 * self.crowd(at)
        return [slow * median_ms * math.exp(self._random.gauss(0, 0.42)) for _ in range(count)]

    def errors(self, at: datetime, minutes: int) -> Iterator[str]:
        """Codes of what failed within so many minutes."""
        for _ in range(self._poisson(0.035 * minutes * self.crowd(at))):
            yield self._pick(ERRORS)
        if self.is_in_trouble(at):
            for _ in range(self._poisson(0.9 * minutes)):
                yield "unavailable"

    def connections(self, at: datetime, transport: str) -> int:
        """How many are open."""
        most = 84 if transport == "websocket" else 7
        return round(most * (0.12 + 0.8 * self.crowd(at)) * self._random.gauss(1, 0.04))

    def _poisson(self, mean: float) -> int:
        limit, product, count = math.exp(-mean), self._random.random(), 0
        while product > limit:
            product *= self._random.random()
            count += 1
        return count
