"""The first steps of a new server, as an admin sees them: each is done when it is true."""

from collections.abc import Awaitable, Callable, Sized

from msgspec import Struct

from app.accounts.invites import Invites
from app.accounts.models import Caller, User
from app.accounts.rights import must_be_admin
from app.accounts.users import Users
from app.server_name.server_name import ServerName

# So many accounts are looked at for one of somebody else: bots and deleted ones are among them.
LOOKED_AT = 20


class FirstSteps(Struct):
    """`name`: the server has one; `people`: somebody else is here or is invited; `rooms`: there is
    one besides the first."""

    name: bool
    people: bool
    rooms: bool


RoomsOf = Callable[[User], Awaitable[Sized]]


class FirstStepList:
    """Reads which steps are done. `rooms_of` returns the rooms that a person is in."""

    def __init__(
        self, server_name: ServerName, users: Users, invites: Invites, rooms_of: RoomsOf
    ) -> None:
        self._server_name = server_name
        self._users = users
        self._invites = invites
        self._rooms_of = rooms_of

    async def of(self, caller: Caller) -> FirstSteps:
        """The steps. Raises Unauthenticated, Forbidden unless an admin who signed in asks."""
        must_be_admin(caller)
        return FirstSteps(
            name=self._server_name.is_chosen,
            people=await self._has_others(caller.user) or bool(await self._invites.open()),
            rooms=len(await self._rooms_of(caller.user)) > 1,
        )

    async def _has_others(self, user: User) -> bool:
        people = await self._users.all(LOOKED_AT)
        return any(
            each.id != user.id and not each.is_bot and not each.is_deleted for each in people
        )
