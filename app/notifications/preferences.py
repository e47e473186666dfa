"""What people want to hear of, and what that says to a notice for many of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from app.accounts.models import User
from app.accounts.users import Users
from app.errors import Invalid
from app.notifications.models import Notice, Preferences
from app.notifications.preference_rules import DEFAULT_LEVELS, Verdict, wants
from app.notifications.store import PreferenceStore
from app.times import rfc3339

SNOOZE_AT_MOST = timedelta(days=366)
NONE = Preferences()


class PreferenceBook:
    """Reads, changes and applies preferences."""

    def __init__(self, store: PreferenceStore, users: Users, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._users = users
        self._clock = clock

    async def of(self, user_id: str) -> Preferences:
        """What this person chose."""
        return (await self._store.many([user_id])).get(user_id, NONE)

    async def set(self, user_id: str, preferences: Preferences) -> Preferences:
        """Replace what this person chose. Raises Invalid for a snooze without a sensible end."""
        until = preferences.snooze_until
        if until is not None and until.tzinfo is None:
            raise Invalid("A snooze ends at a time with its zone.", field="snooze_until")
        if until is not None and until > self._clock() + SNOOZE_AT_MOST:
            raise Invalid("A snooze lasts a year at most.", field="snooze_until")
        await self._store.put(user_id, preferences)
        return preferences

    async def forget(self, user: User) -> None:
        """This person deleted their account."""
        await self._store.delete(user.id)

    async def wanting_all_of(self, room: str) -> list[str]:
        """Who wants to hear of every message of a room."""
        return await self._store.wanting_all_of(room)

    async def verdicts(self, user_ids: Sequence[str], notice: Notice) -> dict[str, Verdict]:
        """What each of these people's preferences say to `notice` now."""
        chosen = await self._store.many(user_ids)
        zones = await self._zones(u for u, p in chosen.items() if p.quiet is not None)
        now = self._clock()
        return {
            user_id: wants(
                chosen.get(user_id, NONE),
                notice.category,
                notice.room,
                now,
                zones.get(user_id, "UTC"),
            )
            for user_id in user_ids
        }

    async def _zones(self, user_ids: Iterable[str]) -> dict[str, str]:
        users = await self._users.many(user_ids)
        return {user.id: user.time_zone for user in users.values()}


def shown(preferences: Preferences) -> dict[str, Any]:
    """The wire form: every known category with its level, chosen or not."""
    until = preferences.snooze_until
    return {
        "categories": {**DEFAULT_LEVELS, **preferences.categories},
        "rooms": preferences.rooms,
        "quiet": msgspec.to_builtins(preferences.quiet),
        "snooze_until": None if until is None else rfc3339(until),
    }
