"""The directory's client events; the docstring of each is its line in docs/PROTOCOL.md."""

from collections.abc import Mapping
from typing import Any, cast

from app.chat.directory.directory import Directory
from app.chat.directory.models import FindPeople, FindRooms, ShowPerson
from app.realtime.connections import Connection
from app.realtime.dispatch import ClientEvent, ClientEvents

Payload = Mapping[str, Any]


class DirectoryEvents:
    """The handlers."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory

    async def people(self, connection: Connection, request: FindPeople) -> Payload:
        """Find people by any part of their name or username, in any script, without regard to
        case and accents: `{items, more}`, the members of `room` first, then the best matches;
        without a query all, by username. An item is `{id, username, name, state, bot?, member?}`:
        whether they are in `room`. Disabled accounts are left out.
        """
        return cast(Payload, await self._directory.people(connection.caller.user, request))

    async def person(self, _: Connection, request: ShowPerson) -> Payload:
        """The card of a person: `{person}` of `{id, username, name, state, role, time_zone?, bot?,
        disabled?}`, with the `role` on this server.
        """
        return {"person": await self._directory.person(request.user)}

    async def rooms(self, connection: Connection, request: FindRooms) -> Payload:
        """Find open rooms by any part of their name, joined or not: `{items, more}`, each with its
        `member_count` and whether I am a `member`; without a query all, by name. With `archived`
        only archived ones, without it none of them.
        """
        return cast(Payload, await self._directory.rooms(connection.caller.user, request))


EVENTS: ClientEvents = {
    "people:find": ClientEvent(FindPeople, DirectoryEvents.people),
    "people:show": ClientEvent(ShowPerson, DirectoryEvents.person),
    "rooms:find": ClientEvent(FindRooms, DirectoryEvents.rooms),
}
