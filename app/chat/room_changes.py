"""The changes of a room's stream: messages, their amendments, and what happens to the room."""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from app.accounts.models import User
from app.chat.models import Room
from app.chat.room_view import MEMBERSHIP, REMOVING
from app.chat.system_messages import text_and_html
from app.streams.models import Amendment, Change, Guard, Write


def fingerprint(*asked: object) -> bytes:
    """A hash of what was asked for: the same `client_id` with another one is a conflict."""
    return blake2b(msgspec.json.encode(asked), digest_size=16).digest()


OnLeaving = Callable[[Room, str], Iterable[Write]]


class RoomChanges:
    """Makes changes by one person in one room.

    Each of `on_leaving` names, for a room and the id of somebody who leaves it or is removed, the
    documents of other features that change in the same transaction.
    """

    def __init__(self, new_id: Callable[[], str], clock: Callable[[], datetime]) -> None:
        self.new_id = self._new_id = new_id
        self.now = clock
        self.on_leaving: list[OnLeaving] = []

    def message(
        self,
        room: Room,
        by: User,
        body: dict[str, Any],
        *,
        client_id: str | None,
        guard: Guard,
    ) -> Change:
        """A new message; `body` has text, html, mentions and perhaps reply_to."""
        return Change(
            id=self._new_id(),
            stream=room.stream,
            sender=by.id,
            client_id=client_id or self._new_id(),
            fingerprint=fingerprint("send", body["text"], body.get("reply_to")),
            at=self.now(),
            body={**body, "name": by.name},
            guard=guard,
            what="message_sent",
        )

    def amendment(
        self,
        room: Room,
        by: User,
        item_id: str,
        amend: Amendment,
        *,
        asked: tuple[object, ...],
        client_id: str | None,
        guard: Guard,
        what: str = "",
    ) -> Change:
        """A change of an existing message; `asked` is what makes a repeat the same request."""
        return Change(
            id=self._new_id(),
            stream=room.stream,
            sender=by.id,
            client_id=client_id or self._new_id(),
            fingerprint=fingerprint(item_id, *asked),
            at=self.now(),
            of=item_id,
            amend=amend,
            guard=guard,
            what=what,
        )

    def system(
        self,
        room: Room,
        by: User,
        system: dict[str, Any],
        *writes: Write,
        user: User | None = None,
        guard: Guard | None = None,
    ) -> Change:
        """An entry that says what happened to the room, with the documents that change with it.

        `user` is whom it is about, where that is not `by`.
        """
        user = user or by
        words = text_and_html(system, by.name, user.name)
        if system["kind"] in MEMBERSHIP:
            system = {**system, "member": {"username": user.username, "name": user.name}}
        if system["kind"] in REMOVING:
            writes += tuple(w for ends in self.on_leaving for w in ends(room, user.id))
        return Change(
            id=self._new_id(),
            stream=room.stream,
            sender=by.id,
            client_id=self._new_id(),
            fingerprint=fingerprint("system", system),
            at=self.now(),
            body={**words, "system": system, "name": by.name},
            guard=guard,
            writes=writes,
        )
