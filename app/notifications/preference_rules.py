"""Applies preferences to a notification: into the inbox or not, loud or silent. No I/O."""

from datetime import datetime, time
from zoneinfo import ZoneInfo

from msgspec import Struct

from app.notifications.models import Level, Preferences, Quiet

# For categories of programs.
DEFAULT_LEVEL: Level = "desktop"
DEFAULT_LEVELS: dict[str, Level] = {
    "mention": "desktop",
    "direct": "desktop",
    "reply": "desktop",
    "reaction": "app",
    "invitation": "desktop",
    "announcement": "desktop",
    "system": "desktop",
    "message": "desktop",
}
# The category of ordinary messages, for rooms of which a person wants to hear all.
EVERY_MESSAGE = "message"


class Verdict(Struct, frozen=True):
    """Whether it goes into the inbox, is shown as a toast in open pages, and on the desktop."""

    inbox: bool
    toast: bool = False
    desktop: bool = False

    @property
    def alert(self) -> str:
        """The loudest form: `desktop` (with a toast), `toast`, or `none`."""
        if self.desktop:
            return "desktop"
        return "toast" if self.toast else "none"


def wants(
    preferences: Preferences, category: str, room: str | None, now: datetime, zone: str
) -> Verdict:
    """The verdict at `now`, for a person who lives in the time zone `zone`.

    A category that is off, or a muted room, keep it out of the inbox. Quiet hours and snooze only
    make it silent.
    """
    level = level_of(preferences, category)
    if level == "off" or not _reaches_from(preferences, category, room):
        return Verdict(inbox=False)
    is_silent = is_snoozed(preferences, now) or is_quiet(preferences.quiet, now, zone)
    return Verdict(inbox=True, toast=not is_silent, desktop=level == "desktop" and not is_silent)


def level_of(preferences: Preferences, category: str) -> Level:
    """The level that this person chose for a category, or its default."""
    default = DEFAULT_LEVELS.get(category, DEFAULT_LEVEL)
    return preferences.categories.get(category, default)


def _reaches_from(preferences: Preferences, category: str, room: str | None) -> bool:
    if room is None:
        return True
    chosen = preferences.rooms.get(room, "mentions")
    return chosen == "all" or (chosen == "mentions" and category != EVERY_MESSAGE)


def is_snoozed(preferences: Preferences, now: datetime) -> bool:
    """Whether the person's snooze lasts."""
    return preferences.snooze_until is not None and now < preferences.snooze_until


def is_quiet(quiet: Quiet | None, now: datetime, zone: str) -> bool:
    """Whether `now` is within the quiet hours of the time zone; they may span midnight."""
    if quiet is None:
        return False
    local = now.astimezone(ZoneInfo(zone)).time()
    start, end = time.fromisoformat(quiet.start), time.fromisoformat(quiet.end)
    if start <= end:
        return start <= local < end
    return local >= start or local < end
