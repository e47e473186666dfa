"""Makes the changes of a room's stream: messages, their amendments, and system messages."""

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import blake2b

import msgspec

from app.accounts.models import Caller, User
from app.audit.trail import AuditTrail
from app.chat.access import Access, membership_guard, must_manage, must_reopen
from app.chat.models import Room
from app.chat.ordered_lock import OrderedLocks
from app.chat.room_view import MEMBERSHIP, REMOVING, RoomView
from app.chat.system_messages import System, text_and_html
from app.streams.committer import Committer
from app.streams.hub import Hub
from app.streams.models import Amendment, Body, Change, Guard, Write


def fingerprint(*asked: object) -> bytes:
    """A hash of a request: the same `client_id` with another one is a conflict."""
    return blake2b(msgspec.json.encode(asked), digest_size=16).digest()


OnLeaving = Callable[[Room, str], Iterable[Write]]


class StreamChanges:
    """Makes the changes that one person asks for in one room.

    Each function of `on_leaving` gets a room and the id of a person who leaves it or is removed,
    and returns documents of other features to change in the same transaction.
    """

    def __init__(
        self,
        committer: Committer,
        hub: Hub,
        new_id: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._committer = committer
        self._hub = hub
        self.new_id = new_id
        self.now = clock
        self.on_leaving: list[OnLeaving] = []

    def message(
        self, room: Room, by: User, body: Body, *, client_id: str | None, guard: Guard
    ) -> Change:
        """A new message; `body` has `text`, `html`, `mentions` and perhaps `reply_to`."""
        return Change(
            id=self.new_id(),
            stream=room.stream,
            sender=by.id,
            client_id=client_id or self.new_id(),
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
        """A change of an existing message; two with an equal `asked` are the same request."""
        return Change(
            id=self.new_id(),
            stream=room.stream,
            sender=by.id,
            client_id=client_id or self.new_id(),
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
        system: System,
        *writes: Write,
        user: User | None = None,
        guard: Guard | None = None,
    ) -> Change:
        """A system message, with the documents that change together with it.

        `user` is the person it is about, where that is not `by`.
        """
        user = user or by
        text, html = text_and_html(system, by.name, user.name)
        if system["kind"] in MEMBERSHIP:
            system = {**system, "member": {"username": user.username, "name": user.name}}
        if system["kind"] in REMOVING:
            writes += tuple(w for ends in self.on_leaving for w in ends(room, user.id))
        return Change(
            id=self.new_id(),
            stream=room.stream,
            sender=by.id,
            client_id=self.new_id(),
            fingerprint=fingerprint("system", system),
            at=self.now(),
            body={"text": text, "html": html, "system": system, "name": by.name},
            guard=guard,
            writes=writes,
        )

    async def commit(self, change: Change) -> int:
        """Commit a change and wait until this node has applied it; returns its rev.

        When it returns, what the change ends has ended: a person who was removed gets nothing more.
        """
        committed = await self._committer.submit(change)
        await self._hub.reached(change.stream, committed.rev)
        return committed.rev


class RestrictedChanges:
    """Finds rooms to manage and commits the changes. A refusal is audited, and so is the change of
    an admin in somebody else's room."""

    def __init__(self, access: Access, changes: StreamChanges, audit: AuditTrail) -> None:
        self._access = access
        self._changes = changes
        self._audit = audit
        # By room: two equal changes at once would both find the room as it was before.
        self._locks = OrderedLocks()

    async def room(self, caller: Caller, reference: str) -> RoomView:
        """The room to manage. Raises NotFound, Forbidden."""
        async with self._audit.refusals("room_managed", caller):
            return await self._access.managed(caller.user, reference)

    async def archived_room(self, caller: Caller, reference: str) -> RoomView:
        """The archived room to open again. Raises NotFound, Forbidden, Conflict."""
        async with self._audit.refusals("room_managed", caller):
            return await self._access.reopenable(caller.user, reference)

    async def reopen(self, view: RoomView, caller: Caller, system: System, write: Write) -> int:
        """Commit the end of a room's archiving; returns its rev."""
        by = caller.user
        return await self._commit(view, caller, system, write, lambda: must_reopen(view, by))

    async def change(
        self,
        view: RoomView,
        caller: Caller,
        system: System,
        write: Write,
        user: User | None = None,
    ) -> int:
        """Commit a change of a room, about `user` where it is about a person; returns its rev."""
        by = caller.user

        def check() -> None:
            membership_guard(view, by)()
            must_manage(view, by)

        return await self._commit(view, caller, system, write, check, user)

    async def _commit(
        self,
        view: RoomView,
        caller: Caller,
        system: System,
        write: Write,
        check: Guard,
        user: User | None = None,
    ) -> int:
        by = caller.user
        change = self._changes.system(view.room, by, system, write, user=user, guard=check)
        async with self._locks.hold(view.room.id):
            rev = await self._changes.commit(change)
        if view.room.owner != by.id:
            await self._audit.done("room_managed", caller, view.room.id)
        return rev
