"""Reads and changes the preferences of people."""

from collections.abc import Callable, Mapping
from typing import Any

import msgspec
from cachetools import LRUCache
from msgspec import UNSET, Struct, structs

from app.accounts.models import Caller, User
from app.accounts.preference_table import DEFAULTS, PersonalPreferences
from app.accounts.revocations import Revocations
from app.accounts.store.preferences import PersonalPreferenceStore
from app.accounts.users import Users
from app.errors import Forbidden
from app.storage.mongo import Database

SCOPE = "chat"
TIME_ZONE = "time_zone"
KNOWN = 5_000


# Gets the id of a person and all their preferences, by key.
OnChange = Callable[[str, Mapping[str, Any]], None]


class PeoplePreferences:
    """The preferences of people. The time zone is a part of the account, which has it in memory."""

    def __init__(
        self, database: Database, users: Users, revocations: Revocations, known: int = KNOWN
    ) -> None:
        self._store = PersonalPreferenceStore(database)
        self._users = users
        self._revocations = revocations
        self._known: LRUCache[str, PersonalPreferences] = LRUCache(known)
        # Called after each change, also after those that another process made.
        self.changed: list[OnChange] = []
        users.deleted.append(self.forget)
        revocations.watch(self._changed_elsewhere)

    def known(self, user: User) -> PersonalPreferences:
        """The preferences as they were last read in this process, without I/O."""
        return self._known.get(user.id, DEFAULTS)

    async def of(self, user: User) -> PersonalPreferences:
        """The present preferences of a person."""
        stored = await self._store.of(user.id)
        found = self._known[user.id] = from_stored({**stored, TIME_ZONE: user.time_zone})
        return found

    async def opens_at_unread(self, user: User) -> bool:
        """Whether rooms open at the first unread message for this person."""
        return (await self.of(user)).room_opens_at == "unread"

    async def change(self, caller: Caller, changes: Struct) -> PersonalPreferences:
        """Store what `changes` (a `PreferenceChanges`) has, and return all preferences.

        Raises Invalid for an unknown time zone, Forbidden for a token without the scope `chat`.
        """
        user = must_be_allowed(caller)
        given = {
            name: value for name, value in structs.asdict(changes).items() if value is not UNSET
        }
        zone = given.pop(TIME_ZONE, UNSET)
        if zone not in (UNSET, user.time_zone):
            user = await self._users.describe(user.id, time_zone=zone)
        if given:
            await self._store.change(user.id, msgspec.to_builtins(given))
            await self._revocations.announce_change(user.id)
        return await self._tell(user)

    async def _tell(self, user: User) -> PersonalPreferences:
        present = await self.of(user)
        values = msgspec.to_builtins(present)
        for listener in self.changed:
            listener(user.id, values)
        return present

    async def _changed_elsewhere(self, user_ids: list[str]) -> None:
        """Tell of the people whose preferences this process has read before."""
        for user_id in user_ids:
            before = self._known.get(user_id)
            if before is None:
                continue
            user = await self._users.get(user_id)
            if await self.of(user) != before:
                await self._tell(user)

    async def forget(self, user: User) -> None:
        """Delete the preferences of a person who deleted their account."""
        self._known.pop(user.id, None)
        await self._store.delete(user.id)


def must_be_allowed(caller: Caller) -> User:
    """The caller, where their token reaches preferences. Raises Forbidden."""
    if not caller.may(SCOPE):
        raise Forbidden("This token may not use preferences.")
    return caller.user


def from_stored(values: Mapping[str, Any]) -> PersonalPreferences:
    """The preferences with these stored values; one that is no longer allowed has its default."""
    try:
        return msgspec.convert(values, PersonalPreferences)
    except msgspec.ValidationError:
        return msgspec.convert(
            {name: value for name, value in values.items() if _is_allowed(name, value)},
            PersonalPreferences,
        )


def _is_allowed(name: str, value: object) -> bool:
    try:
        msgspec.convert({name: value}, PersonalPreferences)
    except msgspec.ValidationError:
        return False
    return True
