"""Messages and rooms as they go over the wire."""

from collections.abc import Iterable, Mapping
from typing import Any, Literal, NotRequired, TypedDict

from app.accounts.models import FORMER_MEMBER, User
from app.accounts.users import Users
from app.chat.mention_names import mentioned_users, with_current_names
from app.chat.models import Room, room_of
from app.chat.presence import Presence
from app.chat.reactions import grouped
from app.chat.room_view import MEMBERSHIP
from app.chat.room_views import RoomViews
from app.chat.system_messages import text_and_html
from app.realtime.events import Event
from app.streams.models import Batch, Item
from app.streams.portions import length, parts
from app.times import rfc3339


class MemberDocument(TypedDict):
    """A member of a room; `state` is that of the moment of encoding."""

    id: str
    username: str
    name: str
    role: Literal["owner", "member"]
    state: str
    bot: NotRequired[bool]


class Serializer:
    """Names come from the accounts' cache, so an encoding for all never waits for the database."""

    def __init__(self, users: Users, views: RoomViews, presence: Presence) -> None:
        self._users = users
        self._views = views
        self._presence = presence

    async def warm(self, items: Iterable[Item]) -> None:
        """Have the names of those at hand whom these items name."""
        await self._users.many({user_id for item in items for user_id in people_of(item)})

    def name(self, user_id: str, fallback: str) -> str:
        """The display name of this person now."""
        user = self._users.known(user_id)
        if user is None:
            return fallback
        return FORMER_MEMBER if user.is_deleted else user.name

    def message(self, item: Item) -> dict[str, Any]:
        """The wire form of a message; a tombstone has no content."""
        body = item.body
        head: dict[str, Any] = {
            "id": item.id,
            "room": room_of(item.stream),
            "seq": item.seq,
            "rev": item.rev,
            "client_id": item.client_id,
            "at": rfc3339(item.at),
            "by": self._by(item),
        }
        if body.get("bot"):
            head["by"]["bot"] = True
        if item.deleted:
            return head | {"deleted": True}
        content = {
            **self._words(item),
            "mentions": body.get("mentions", []),
            "reactions": grouped(body.get("reactions", {})),
        }
        optional = {k: body[k] for k in ("reply_to", "edited_at") if body.get(k)}
        if system := body.get("system"):
            optional["system"] = self._system(item.stream, system)
        return head | content | optional

    def _system(self, stream: str, system: Mapping[str, Any]) -> Mapping[str, Any]:
        """A system entry; one about a member carries the member's document."""
        if system["kind"] not in MEMBERSHIP:
            return system
        user_id = system["user"]
        # An account that this node has not read yet is shown as it was when the entry was made.
        known = self._users.known(user_id) or User(
            id=user_id, **system.get("member", {"username": "", "name": ""})
        )
        return {**system, "member": self.member(room_of(stream), known)}

    def member(self, room_id: str, user: User) -> MemberDocument:
        """A member of a room that is loaded on this node."""
        document: MemberDocument = {
            "id": user.id,
            "username": user.username,
            "name": self.name(user.id, user.name),
            "role": "owner" if self._views.owner(room_id) == user.id else "member",
            "state": self._presence.of(user.id),
        }
        if bot_flag(user):
            document["bot"] = True
        return document

    def _by(self, item: Item) -> dict[str, Any]:
        name = self.name(item.sender, item.body.get("name", ""))
        return {"id": item.sender, "name": name} | bot_flag(self._users.known(item.sender))

    def _words(self, item: Item) -> dict[str, str]:
        system = item.body.get("system")
        if system is None or any(self._users.known(user_id) is None for user_id in subjects(item)):
            html = with_current_names(item.body["html"], self.name)
            return {"text": item.body["text"], "html": html}
        sender, user = (self.name(user_id, "") for user_id in subjects(item))
        return text_and_html(system, sender, user)

    def batch(self, batch: Batch) -> list[Event]:
        """The live events that a batch of a room is, encoded once for all its subscribers."""
        return batch.encoded("chat", self._events)

    def _events(self, batch: Batch) -> list[Event]:
        return [self._event(part) for part in parts(batch, size)]

    def _event(self, batch: Batch) -> Event:
        room_id = room_of(batch.stream)
        payload = {
            "room": room_id,
            "prev": batch.prev,
            "rev": batch.rev,
            "items": [self.message(item) for item in batch.items],
        }
        return Event("messages", payload, topic=room_id)


def size(item: Item) -> int:
    """About how many bytes a message takes on the wire."""
    body = item.body
    words = length(body.get("text", "")) + length(body.get("html", ""))
    reactions = body.get("reactions")
    return 300 + words + (27 * sum(map(len, reactions.values())) if reactions else 0)


def subjects(item: Item) -> tuple[str, str]:
    """Who did it, and whom a system entry is about; twice the same where that is one person."""
    return item.sender, item.body.get("system", {}).get("user", item.sender)


def people_of(item: Item) -> set[str]:
    """All whose names are in what is shown of an item."""
    return {*subjects(item), *mentioned_users(item.body.get("html", ""))}


def room_summary(room: Room) -> dict[str, Any]:
    """What everyone who may see a room is told of it."""
    return {
        "id": room.id,
        "slug": room.slug,
        "name": room.name,
        "kind": room.kind,
        "topic": room.topic,
        "owner": room.owner,
        "archived": room.archived,
    }


def user_document(user: User) -> dict[str, Any]:
    """`{id, username, name}`, and `bot: true` for a program."""
    return {"id": user.id, "username": user.username, "name": user.name} | bot_flag(user)


def bot_flag(user: User | None) -> dict[str, bool]:
    """What marks a program, so that nobody takes it for a person."""
    return {"bot": True} if user is not None and user.is_bot and not user.is_deleted else {}
