"""Tracks the rooms of each connection in each namespace, for python-socketio's server.

The stock one finds the rooms of a client that leaves by looking into each room of the namespace,
and there is one for each connection: 10,000 that leave at once would block the server for a minute
and a half. Here each connection knows its own rooms. docs/upstream holds the same as a patch.
"""

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

import socketio
from bidict import bidict

from app.library_versions import require_pinned

require_pinned("python-socketio")

Member = tuple[str, str]


class IndexedManager(socketio.AsyncManager):  # type: ignore[misc]  # python-socketio has no types
    """A query about one connection takes constant time, or time in proportion to its own rooms.

    The room that python-socketio names after each `sid` is not stored, as it has one member.
    """

    def __init__(self) -> None:
        super().__init__()
        self._rooms_of: dict[Member, set[Hashable]] = {}
        self._connecting: set[Member] = set()
        self._leaving: set[Member] = set()

    def _sids(self, namespace: str) -> "bidict[str, str]":
        """The `eio_sid` of each `sid` in a namespace."""
        try:
            found: bidict[str, str] = self.rooms[namespace][None]
        except KeyError:
            return bidict()
        return found

    # Connecting.

    async def pre_connect(self, eio_sid: str, namespace: str) -> str | None:
        """A `sid` for a transport that asks to be let in; None where it is there already."""
        sids = self.rooms.setdefault(namespace, {}).setdefault(None, bidict())
        sid: str = self.server.eio.generate_id()
        if eio_sid in sids.inverse:
            return None
        sids[sid] = eio_sid
        self._connecting.add((namespace, sid))
        return sid

    async def connect(self, sid: str, namespace: str) -> str | None:
        """It was let in. A `sid` that never asked is the `eio_sid` of one who need not ask."""
        if not self.is_pre_connected(sid, namespace):
            made = await self.pre_connect(sid, namespace)
            if made is None:
                return None
            sid = made
        self._connecting.discard((namespace, sid))
        return sid

    def is_pre_connected(self, sid: str, namespace: str) -> bool:
        """Whether it asked and was not let in yet."""
        return (namespace, sid) in self._connecting

    def is_connected(self, sid: str, namespace: str) -> bool:
        """Whether it was let in and is not about to leave."""
        member = (namespace, sid)
        if member in self._connecting or member in self._leaving:
            return False
        try:
            return self.rooms[namespace][None][sid] is not None
        except KeyError:
            return False

    # Disconnecting.

    def pre_disconnect(self, sid: str, namespace: str) -> str | None:
        """It is about to leave, and still in its rooms."""
        self._leaving.add((namespace, sid))
        return self._sids(namespace).get(sid)

    def basic_disconnect(self, sid: str, namespace: str, **_: Any) -> None:
        """Take it out of all its rooms."""
        member = (namespace, sid)
        for room in tuple(self._rooms_of.get(member, ())):
            self.basic_leave_room(sid, namespace, room)
        super().basic_leave_room(sid, namespace, None)
        self.callbacks.pop(sid, None)
        self._connecting.discard(member)
        self._leaving.discard(member)

    # Rooms.

    def basic_enter_room(
        self, sid: str, namespace: str, room: Hashable, eio_sid: str | None = None
    ) -> None:
        """Raises ValueError for a client that is not connected."""
        if room is None or sid == room:
            return
        if sid not in self._sids(namespace):
            raise ValueError("sid is not connected to requested namespace")
        super().basic_enter_room(sid, namespace, room, eio_sid=eio_sid)
        self._rooms_of.setdefault((namespace, sid), set()).add(room)

    def basic_leave_room(self, sid: str, namespace: str, room: Hashable) -> None:
        """Harmless where it is not in there."""
        super().basic_leave_room(sid, namespace, room)
        mine = self._rooms_of.get((namespace, sid))
        if mine is not None:
            mine.discard(room)
            if not mine:
                del self._rooms_of[namespace, sid]

    def get_rooms(self, sid: str, namespace: str) -> list[Hashable]:
        """Its own room, which is called like itself, and those it entered."""
        if sid not in self._sids(namespace):
            return []
        return [sid, *self._rooms_of.get((namespace, sid), ())]

    def get_participants(self, namespace: str, room: Any) -> Iterator[tuple[str, str]]:
        """`(sid, eio_sid)` of everyone in a room, or in one of several; once each."""
        several = room if hasattr(room, "__len__") and not isinstance(room, str) else [room]
        found: dict[str, str] = {}
        for each in several:
            found.update(self._members(namespace, each))
        yield from found.items()

    def _members(self, namespace: str, room: Hashable) -> "Mapping[str, str]":
        own = self._sids(namespace).get(room) if isinstance(room, str) else None
        if isinstance(room, str) and own is not None:
            return {room: own}
        members: bidict[str, str] | None = self.rooms.get(namespace, {}).get(room)
        return members or {}
