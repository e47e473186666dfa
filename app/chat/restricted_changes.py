"""Changes that only the owner of a room or an admin in it may make, with their audit."""

from app.accounts.models import Caller, User
from app.audit.trail import AuditTrail
from app.chat.access import Access, membership_guard, must_manage
from app.chat.room_changes import RoomChanges
from app.chat.room_view import RoomView
from app.chat.system_messages import System
from app.streams.models import Write


class RestrictedChanges:
    """Finds rooms to manage and commits the changes. A refusal is audited, and so is the change of
    an admin in somebody else's room."""

    def __init__(self, access: Access, changes: RoomChanges, audit: AuditTrail) -> None:
        self._access = access
        self._changes = changes
        self._audit = audit

    async def room(self, caller: Caller, reference: str) -> RoomView:
        """The room to manage. Raises NotFound, Forbidden."""
        async with self._audit.refusals("room_managed", caller):
            return await self._access.managed(caller.user, reference)

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

        change = self._changes.system(view.room, by, system, write, user=user, guard=check)
        rev = await self._changes.commit(change)
        if view.room.owner != by.id:
            await self._audit.done("room_managed", caller, view.room.id)
        return rev
