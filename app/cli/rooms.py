"""The commands `rooms …`: create rooms and add members."""

from app.accounts.feature import Accounts
from app.accounts.models import User
from app.chat.feature import Chat
from app.chat.models import Kind
from app.cli.commands import Features, Options, Verbs
from app.cli.output import Output
from app.errors import Invalid


def add(verbs: Verbs) -> None:
    """Add the verbs of `rooms`."""
    create = verbs.add("create", "make a room", _create)
    create.add_argument("name", help="its name")
    create.add_argument("--private", action="store_true", help="only its members know of it")
    create.add_argument("--owner", help="who manages it; without it the first admin")
    member = verbs.add("add", "make a person a member of a room", _add)
    member.add_argument("room", help="a room's short name or id")
    member.add_argument("user", help="a username or an id")


async def _create(options: Options, features: Features) -> Output:
    owner = await _owner(options.owner, features)
    kind: Kind = "private" if options.private else "open"
    room = (await features[Chat].rooms.make(options.name, kind, owner)).room
    return Output(
        f"The room {room.name} is at /rooms/{room.slug}.",
        {
            "id": room.id,
            "slug": room.slug,
            "name": room.name,
            "kind": room.kind,
            "topic": room.topic,
            "owner": room.owner,
        },
    )


async def _owner(named: str | None, features: Features) -> User:
    if named is not None:
        return await features[Accounts].users.find(named)
    async for user in features[Accounts].users.everyone():
        if user.is_acting_admin:
            return user
    raise Invalid("There is no admin who could own the room. Name somebody with --owner.")


async def _add(options: Options, features: Features) -> Output:
    view = await features[Chat].views.get(options.room)
    user = await features[Accounts].users.find(options.user)
    rev = await features[Chat].memberships.add(view, user)
    return Output(
        f"{user.username} is a member of {view.room.name}.",
        {"ok": True, "room": view.room.id, "user": user.id, "rev": rev},
    )
