"""The rights of a webhook: exactly those that its maker has at this moment.

The same rule holds for making, adopting, testing and using a hook, so no hook outlives its right.
"""

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access
from app.errors import Forbidden, Invalid, NotFound, ParleyError
from app.hooks.models import (
    STOPPED,
    Direction,
    Hook,
    IncomingHook,
    NewHook,
    Place,
    StopReason,
    direction_of,
)
from app.topics.directory import Directory
from app.topics.permissions import can_see

ADMINS_ONLY = "Only an admin can make this webhook."


class Rights:
    """Asks accounts, chat and topics, and raises the errors that they raise."""

    def __init__(self, access: Access, directory: Directory, users: Users) -> None:
        self._access = access
        self._directory = directory
        self._users = users

    async def place_for(self, user: User, asked: NewHook) -> Place:
        """The place of a hook that this person may make now. Raises Forbidden, NotFound, Invalid.

        Incoming hooks of a room are made by the people who manage it; all others by admins only,
        and outgoing ones only from places that they can read themselves.
        """
        if asked.room is not None:
            return await self._room(user, asked.direction, asked.room)
        return await self._topic(user, asked.direction, asked.topic or "")

    async def must_be_able_to_make(self, user: User, hook: Hook) -> None:
        """Raises Forbidden, NotFound or Invalid if this person could not make `hook` now."""
        direction, place = direction_of(hook), hook.place
        choose = self._room if place.kind == "room" else self._topic
        await choose(user, direction, place.id)

    async def _room(self, user: User, direction: Direction, room: str) -> Place:
        if direction == "incoming":
            view = await self._access.managed(user, room)
        else:
            must_be_admin(user)
            view = await self._access.readable(user, room)
            if view.room.kind == "direct":
                raise Forbidden("A direct conversation stays between its two people.")
        return Place(kind="room", id=view.room.id)

    async def _topic(self, user: User, direction: Direction, name: str) -> Place:
        must_be_admin(user)
        # The topic of an incoming hook need not exist: the first event makes it.
        is_incoming = direction == "incoming"
        topic = await (self._directory.find(name) if is_incoming else self._directory.get(name))
        if not is_incoming and topic is not None and topic.ephemeral:
            raise Invalid(
                "An ephemeral topic keeps nothing that could be tried again.", field="topic"
            )
        return Place(kind="topic", id=name)

    async def decides(self, user: User, hook: IncomingHook) -> bool:
        """Whether this person, who is not an admin, manages the room of an incoming hook."""
        if hook.place.kind != "room":
            return False
        try:
            await self._access.managed(user, hook.place.id)
        except ParleyError:
            return False
        return True

    async def maker_of(self, hook: Hook) -> User | StopReason:
        """The person as whom `hook` acts, or the reason why they may not.

        Reads the account from the database, since another process may have changed it just now.
        """
        try:
            await self._users.load([hook.by])
            maker = await self._users.get(hook.by)
        except NotFound:
            return "deleted"
        return await self._missing(maker, hook) or maker

    async def _missing(self, maker: User, hook: Hook) -> StopReason | None:
        if maker.is_deleted:
            return "deleted"
        if maker.is_disabled:
            return "disabled"
        is_incoming, place = isinstance(hook, IncomingHook), hook.place
        if not maker.is_admin and not (is_incoming and place.kind == "room"):
            return "demoted"
        if place.kind == "topic":
            topic = await self._directory.find(place.id)
            return "demoted" if topic is not None and not can_see(maker, topic) else None
        return await self._missing_in_room(maker, place.id, is_incoming=is_incoming)

    async def _missing_in_room(
        self, maker: User, room: str, *, is_incoming: bool
    ) -> StopReason | None:
        find = self._access.joined if is_incoming else self._access.readable
        try:
            view = await find(maker, room)
        except (NotFound, Forbidden):
            return "outside"
        if is_incoming and not maker.is_admin and not view.is_owner(maker.id):
            return "demoted"
        return None


def must_be_admin(user: User) -> None:
    if not user.is_admin:
        raise Forbidden(ADMINS_ONLY)


def must_be_on(hook: Hook) -> None:
    """Raises Forbidden, with the reason, for a hook that stopped, NotFound for one that is off."""
    if hook.stopped is not None:
        raise stopped(hook.stopped)
    if hook.off:
        raise NotFound("There is no such webhook.")


def stopped(reason: StopReason) -> Forbidden:
    """The error for using a hook that has stopped."""
    return Forbidden(
        f"This webhook has stopped: {STOPPED[reason]}. It takes nothing until an admin adopts it."
    )
