"""The preferences of people: read, replaced, and applied to a notice for many of them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from typing import TypedDict

import msgspec
from msgspec.structs import replace

from app.accounts.models import User
from app.accounts.users import Users
from app.errors import Conflict, Invalid
from app.notifications.models import Level, Notice, Preferences, RoomLevel
from app.notifications.preference_rules import DEFAULT_LEVELS, Verdict, wants
from app.notifications.store import PreferenceStore
from app.times import Clock, rfc3339

SNOOZE_AT_MOST = timedelta(days=366)
NONE = Preferences()
ROOMS_AT_MOST = 2_000
# The level of a room for which nothing was chosen.
USUAL_LEVEL: RoomLevel = "mentions"


class WirePreferences(TypedDict):
    """Preferences in the form of docs/PROTOCOL.md."""

    categories: dict[str, Level]
    rooms: dict[str, RoomLevel]
    quiet: dict[str, str] | None
    snooze_until: str | None


class PreferenceBook:
    """`changed` is called with a person's id and their new preferences."""

    def __init__(self, store: PreferenceStore, users: Users, clock: Clock) -> None:
        self._store = store
        self._users = users
        self._clock = clock
        self.changed: list[Callable[[str, WirePreferences], None]] = []

    async def of(self, user_id: str) -> Preferences:
        """The preferences of this person."""
        return (await self._store.many([user_id])).get(user_id, NONE)

    async def set(self, user_id: str, preferences: Preferences) -> WirePreferences:
        """Replace the preferences of this person; their open pages are told.

        Raises Invalid for a snooze without a time zone, or of more than a year.
        """
        until = preferences.snooze_until
        if until is not None and until.tzinfo is None:
            raise Invalid("A snooze ends at a time with its zone.", field="snooze_until")
        if until is not None and until > self._clock() + SNOOZE_AT_MOST:
            raise Invalid("A snooze lasts a year at most.", field="snooze_until")
        await self._store.put(user_id, preferences)
        wire = to_wire(preferences)
        for listener in self.changed:
            listener(user_id, wire)
        return wire

    async def set_room(self, user_id: str, room: str, level: RoomLevel) -> WirePreferences:
        """Choose what this person hears of one room; their open pages are told. Raises Conflict."""
        held = await self.of(user_id)
        rooms = {each: chosen for each, chosen in held.rooms.items() if each != room}
        if level != USUAL_LEVEL:
            rooms[room] = level
        if len(rooms) > ROOMS_AT_MOST:
            raise Conflict(f"There can be a choice for {ROOMS_AT_MOST:,} rooms at most.")
        return await self.set(user_id, replace(held, rooms=rooms))

    async def forget(self, user: User) -> None:
        """Delete the preferences of a person who deleted their account."""
        await self._store.delete(user.id)

    async def wanting_all_of(self, room: str) -> list[str]:
        """The ids of the people who want to hear of every message of a room."""
        return await self._store.wanting_all_of(room)

    async def verdicts(self, user_ids: Sequence[str], notice: Notice) -> dict[str, Verdict]:
        """User id → what this person's preferences say to `notice` now."""
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
        return {user.id: user.zone for user in users.values()}


def to_wire(preferences: Preferences) -> WirePreferences:
    """The wire form: every known category with its level, chosen or not."""
    until = preferences.snooze_until
    return {
        "categories": {**DEFAULT_LEVELS, **preferences.categories},
        "rooms": preferences.rooms,
        "quiet": msgspec.to_builtins(preferences.quiet),
        "snooze_until": None if until is None else rfc3339(until),
    }
