"""Rooms and topics as webhooks see them: who may tie one to which, and what goes out of them."""

from collections.abc import Iterable
from typing import Any

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access, must_be_readable
from app.chat.present import Presenter
from app.errors import Forbidden, Invalid, NotFound, ParleyError
from app.hooks.models import IncomingHook, NewHook, Place
from app.streams.models import Item
from app.topics.directory import Directory
from app.topics.present import event_of

ADMINS_ONLY = "Only an admin can make this webhook."


class Places:
    """Asks chat and topics; what they refuse is refused here too."""

    def __init__(
        self, access: Access, presenter: Presenter, directory: Directory, users: Users
    ) -> None:
        self._access = access
        self._presenter = presenter
        self._directory = directory
        self._users = users

    async def chosen(self, user: User, asked: NewHook) -> Place:
        """The place that this person ties a new hook to. Raises Forbidden, NotFound, Invalid.

        Who decides on a room may have programs write in it. Only admins have what is said
        carried out of this server, and only what they can read themselves.
        """
        is_incoming = asked.direction == "incoming"
        if asked.room is not None:
            if is_incoming:
                view = await self._access.managed(user, asked.room)
            else:
                must_be_admin(user)
                view = await self._access.readable(user, asked.room)
                if view.room.kind == "direct":
                    raise Forbidden("A direct conversation stays between its two people.")
            return Place(kind="room", id=view.room.id)
        must_be_admin(user)
        name = asked.topic or ""
        # The first event makes an incoming hook's topic, as it does for everybody.
        topic = await (self._directory.find(name) if is_incoming else self._directory.get(name))
        if not is_incoming and topic is not None and topic.ephemeral:
            raise Invalid(
                "An ephemeral topic keeps nothing that could be tried again.", field="topic"
            )
        return Place(kind="topic", id=name)

    async def decides(self, user: User, hook: IncomingHook) -> bool:
        """Whether this person, who is no admin, decides on an incoming hook: on its room."""
        if hook.place.kind != "room":
            return False
        try:
            await self._access.managed(user, hook.place.id)
        except ParleyError:
            return False
        return True

    async def label(self, user: User, place: Place) -> str:
        """What the place is called; a private room has no name for those who are not in it."""
        if place.kind == "topic":
            return f"topic {place.id}"
        try:
            return f"#{(await self._access.readable(user, place.id)).room.slug}"
        except NotFound:
            return "a private room"

    async def closed(self, place: Place, by: str) -> str | None:
        """Why nothing of a room may go out any more: whoever tied the hook to it can't read it."""
        if place.kind == "topic":
            return None
        try:
            maker = await self._users.get(by)
            view = await self._access.readable(maker, place.id)
            must_be_readable(view, maker)
        except NotFound:
            return "whoever made it can't read this room any more"
        if view.room.kind != "open" and maker.is_disabled:
            return "the account of whoever made it is disabled, and the room is private"
        return None

    async def shown(self, place: Place, items: Iterable[Item]) -> list[dict[str, Any]]:
        """The items as messages or events of the protocol."""
        found = list(items)
        if place.kind == "topic":
            return [event_of(item) for item in found]
        await self._presenter.warm(found)
        return [self._presenter.message(item) for item in found]


def must_be_admin(user: User) -> None:
    if not user.is_admin:
        raise Forbidden(ADMINS_ONLY)
