"""The commands `rooms …`: create rooms and add members."""

from app.accounts.models import User
from app.chat.models import Kind
from app.cli.commands import Options, Services, Verbs
from app.cli.output import Output
from app.errors import Invalid

PAGE = 200

# Only the command line does these for somebody else.
AUDITED = ("room_made", "member_added")


def add(verbs: Verbs) -> None:
    """Add the verbs of `rooms`."""
    create = verbs.add("create", "make a room", _create)
    create.add_argument("name", help="its name")
    create.add_argument("--private", action="store_true", help="only its members know of it")
    create.add_argument("--owner", help="who manages it; without it the first admin")
    member = verbs.add("add", "make a person a member of a room", _add)
    member.add_argument("room", help="a room's short name or id")
    member.add_argument("user", help="a username or an id")


async def _create(options: Options, services: Services) -> Output:
    owner = await _owner(options.owner, services)
    kind: Kind = "private" if options.private else "open"
    async with services.audit.action("room_made", None) as action:
        room = (await services.rooms.create(options.name, kind, owner)).room
        action.about = room.id
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


async def _owner(named: str | None, services: Services) -> User:
    if named is not None:
        return await services.users.find(named)
    last: str | None = None
    while page := await services.users.all(PAGE, last):
        for user in page:
            if user.is_admin and not user.is_disabled:
                return user
        last = page[-1].username
    raise Invalid("There is no admin who could own the room. Name somebody with --owner.")


async def _add(options: Options, services: Services) -> Output:
    view = await services.chat.views.get(options.room)
    user = await services.users.find(options.user)
    async with services.audit.action("member_added", None, user.id):
        rev = await services.chat.memberships.join(view, user)
    return Output(
        f"{user.username} is a member of {view.room.name}.",
        {"ok": True, "room": view.room.id, "user": user.id, "rev": rev},
    )
