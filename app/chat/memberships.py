"""Joining rooms and leaving them, inviting people and removing them.

Each change is a system message in the room's stream, committed together with the membership.
"""

from msgspec.structs import replace

from app.accounts.models import Caller, User
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.chat.access import Access, membership_guard, must_be_live, must_be_member
from app.chat.message_notifier import MessageNotifier
from app.chat.room_quotas import RoomQuotas
from app.chat.room_view import RoomView
from app.chat.store import adds_member, removes_member
from app.chat.stream_changes import RestrictedChanges, StreamChanges
from app.chat.system_messages import System
from app.errors import Forbidden, NotFound
from app.streams.models import Guard


class Memberships:
    """Lets people into rooms and out of them."""

    def __init__(
        self,
        access: Access,
        restricted: RestrictedChanges,
        users: Users,
        changes: StreamChanges,
        notifier: MessageNotifier,
        quotas: RoomQuotas,
        audit: AuditTrail,
    ) -> None:
        self._access = access
        self._restricted = restricted
        self._users = users
        self._changes = changes
        self._notifier = notifier
        self._quotas = quotas
        self._audit = audit

    async def invite(self, caller: User, reference: str, invited: str) -> int:
        """Make someone a member on behalf of a member; the rev of the entry.

        Raises NotFound, Forbidden, Conflict, RateLimited.
        """
        view = await self._access.writable(caller, reference)
        if view.room.kind == "direct":
            raise Forbidden("A direct conversation always has the same two people.")
        user = await self._users.find(invited)
        if user.is_disabled or user.is_deleted:
            raise NotFound("There is no such person.")
        system = System(kind="invited", user=user.id, by=caller.id, read_seq=view.rev)
        return await self._add(view, caller, user, system, membership_guard(view, caller))

    async def join(self, view: RoomView, user: User) -> int:
        """Make a person a member without anybody's invitation; the rev of the entry.

        Raises Conflict, Forbidden.
        """
        system = System(kind="joined", user=user.id, read_seq=view.rev)
        return await self._add(view, user, user, system)

    async def add(self, view: RoomView, user: User) -> int:
        """Make a person a member, from the command line, with an entry in the audit trail.

        Returns the rev of the entry in the room. Raises Conflict, Forbidden.
        """
        async with self._audit.action("member_added", None, user.id):
            return await self.join(view, user)

    async def _add(
        self,
        view: RoomView,
        by: User,
        user: User,
        system: System,
        guard: Guard | None = None,
    ) -> int:
        inviter = by.id if system["kind"] == "invited" and by.id != user.id else None
        at, read_seq = self._changes.now(), system["read_seq"]
        member = adds_member(view.room.id, user.id, at, read_seq, inviter)

        def check() -> None:
            must_be_live(view)
            if guard is not None:
                guard()

        # Two tabs that join, or two people who invite the same person, make one entry.
        async with self._access.membership_locks.hold((view.room.id, user.id)):
            if view.has(user.id):
                return view.rev
            await (self._quotas.put_in(by, user) if inviter else self._quotas.enter(user))
            change = self._changes.system(view.room, by, system, member, user=user, guard=check)
            if system["kind"] == "invited":
                notified = await self._notifier.of_invitation(view.room, by, [user.id])
                change = replace(change, along=notified.changes)
            return await self._changes.commit(change)

    async def remove(self, caller: Caller, reference: str, removed: str) -> int:
        """End someone's membership; the rev of the entry. When it returns, nothing more of the room
        reaches them from this node. Raises NotFound, Forbidden."""
        view = await self._restricted.room(caller, reference)
        user = await self._users.find(removed)
        system = System(kind="removed", user=user.id, by=caller.user.id)
        write = removes_member(view.room.id, user.id)
        async with self._access.membership_locks.hold((view.room.id, user.id)):
            if not view.has(user.id):
                raise NotFound("This person is not in the room.", field="user")
            return await self._restricted.change(view, caller, system, write, user)

    async def leave(self, caller: User, reference: str) -> int:
        """End the caller's membership; the rev of the entry. Raises NotFound, Forbidden."""
        view = await self._access.joined(caller, reference)
        if view.room.kind == "direct":
            raise Forbidden("A direct conversation can't be left.")
        left = System(kind="left", user=caller.id)
        write = removes_member(view.room.id, caller.id)
        change = self._changes.system(
            view.room, caller, left, write, guard=lambda: must_be_member(view, caller)
        )
        async with self._access.membership_locks.hold((view.room.id, caller.id)):
            return await self._changes.commit(change)
