"""Messages, rooms and members in the form in which they go to clients."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from app.accounts.models import FORMER_MEMBER, User
from app.accounts.users import Users
from app.chat.group_mentions import mentions_of
from app.chat.mention_names import mentioned_users, with_current_names
from app.chat.models import Room, room_of
from app.chat.payload_types import (
    Author,
    MemberDocument,
    MessageDocument,
    NamedPresence,
    RoomDocument,
    UserDocument,
)
from app.chat.presence import Presence
from app.chat.reactions import NAMED, Reactions, grouped, shown
from app.chat.room_view import MEMBERSHIP
from app.chat.room_views import RoomViews
from app.chat.system_messages import text_and_html
from app.realtime.server_event import Event
from app.streams.models import Batch, Item
from app.streams.portions import length, parts
from app.times import rfc3339

# The form of a batch that all transports share, see `Batch.encoded`.
LIVE = "chat"


class Serializer:
    """Takes names from the cache of accounts, so that encoding never waits for the database."""

    def __init__(self, users: Users, views: RoomViews, presence: Presence) -> None:
        self._users = users
        self._views = views
        self._presence = presence

    async def warm(self, items: Iterable[Item]) -> None:
        """Load the people whom these items name into the cache."""
        await self._users.many({user_id for item in items for user_id in people_of(item)})

    def name(self, user_id: str, fallback: str) -> str:
        """The present display name; `fallback` for a person who is not in the cache."""
        user = self._users.known(user_id)
        if user is None:
            return fallback
        return FORMER_MEMBER if user.is_deleted else user.name

    def message(self, item: Item, reader: str | None = None) -> MessageDocument:
        """A message; a deleted one has no content. Where a large room has more reactions than are
        named, those of the `reader` are."""
        body = item.body
        document: MessageDocument = {
            "id": item.id,
            "room": room_of(item.stream),
            "seq": item.seq,
            "rev": item.rev,
            "client_id": item.client_id,
            "at": rfc3339(item.at),
            "by": self._author(item),
        }
        if item.deleted:
            document["deleted"] = True
            return document
        document["text"], document["html"] = self._content(item)
        document["mentions"], groups = mentions_of(body)
        if groups:
            document["mention_groups"] = groups
        document["reactions"] = reactions = reactions_of(item)
        if self._is_cut(item.stream, reactions):
            document["reactions"], document["reaction_counts"] = shown(reactions, reader)
        if body.get("reply_to"):
            document["reply_to"] = body["reply_to"]
        if body.get("edited_at"):
            document["edited_at"] = body["edited_at"]
        if body.get("pinned"):
            document["pinned"] = body["pinned"]
        if body.get("system"):
            document["system"] = self._system(item)
        return document

    def is_cut(self, item: Item) -> bool:
        """Whether some reactions of this message are not named in its document."""
        return not item.deleted and self._is_cut(item.stream, reactions_of(item))

    def _is_cut(self, stream: str, reactions: Reactions) -> bool:
        if not any(len(users) > NAMED for users in reactions.values()):
            return False
        view = self._views.of_stream(stream)
        return view is None or view.is_large

    def _author(self, item: Item) -> Author:
        author: Author = {
            "id": item.sender,
            "name": self.name(item.sender, item.body.get("name", "")),
        }
        if item.body.get("bot") or is_bot(self._users.known(item.sender)):
            author["bot"] = True
        return author

    def _content(self, item: Item) -> tuple[str, str]:
        """`(text, html)`; a system message is worded anew, with the names of now."""
        system = item.body.get("system")
        if system is not None:
            people = (item.sender, subject_of(item))
            if all(map(self._users.known, people)):
                return text_and_html(system, *(self.name(user_id, "") for user_id in people))
        html = item.body["html"]
        if item.body.get("mentions"):
            html = with_current_names(html, self.name)
        return item.body["text"], html

    def _system(self, item: Item) -> Mapping[str, Any]:
        """The `system` of a message, with the member's document where it is about a member."""
        system = item.body["system"]
        if system["kind"] not in MEMBERSHIP:
            return cast(Mapping[str, Any], system)
        # An account that this node has not read yet is shown as it was when the entry was made.
        user = self._users.known(system["user"]) or User(
            id=system["user"], **system.get("member", {"username": "", "name": ""})
        )
        return {**system, "member": self.member(room_of(item.stream), user)}

    def member(self, room_id: str, user: User) -> MemberDocument:
        """A member of a room that is loaded on this node, with the presence of now."""
        return {
            **user_document(user),
            "name": self.name(user.id, user.name),
            "role": "owner" if self._views.owner(room_id) == user.id else "member",
            "state": self._presence.of(user.id),
        }

    async def people(self, user_ids: Collection[str]) -> list[NamedPresence]:
        """These people with the name and the presence of now; without those who have no account."""
        found = await self._users.many(user_ids)
        return [
            {
                "id": user_id,
                "name": self.name(user_id, found[user_id].name),
                "state": self._presence.of(user_id),
            }
            for user_id in user_ids
            if user_id in found
        ]

    def events(self, batch: Batch) -> list[Event]:
        """The live events of a room's batch, for `Batch.encoded`: made once for all who follow."""
        portions = parts(batch, size) if len(batch.items) > 1 else (batch,)
        return [self._event(portion) for portion in portions]

    def _event(self, batch: Batch) -> Event:
        room_id = room_of(batch.stream)
        payload = {
            "room": room_id,
            "prev": batch.prev,
            "rev": batch.rev,
            "items": [self.message(item) for item in batch.items],
        }
        return Event("messages", payload, stream=room_id)


def reactions_of(item: Item) -> Reactions:
    """The ids of those who reacted to a message, by emoji."""
    stored = item.body.get("reactions")
    return grouped(stored) if stored else {}


def size(item: Item) -> int:
    """About how many bytes a message takes on the wire."""
    body = item.body
    words = length(body.get("text", "")) + length(body.get("html", ""))
    reactions = body.get("reactions")
    return 300 + words + (27 * sum(map(len, reactions.values())) if reactions else 0)


def subject_of(item: Item) -> str:
    """The id of the person whom a system message is about; of another message its sender."""
    return cast(str, item.body.get("system", {}).get("user", item.sender))


def people_of(item: Item) -> set[str]:
    """The ids of all whose names are shown in an item."""
    return {item.sender, subject_of(item), *mentioned_users(item.body.get("html", ""))}


def room_document(room: Room) -> RoomDocument:
    """A room as everyone sees it who may know of it."""
    return {
        "id": room.id,
        "slug": room.slug,
        "name": room.name,
        "kind": room.kind,
        "topic": room.topic,
        "owner": room.owner,
        "archived": room.archived,
    }


def user_document(user: User) -> UserDocument:
    """A person, or a program with `bot: true`."""
    document: UserDocument = {"id": user.id, "username": user.username, "name": user.name}
    if is_bot(user):
        document["bot"] = True
    return document


def is_bot(user: User | None) -> bool:
    """Whether this is a program that still has an account."""
    return user is not None and user.is_bot and not user.is_deleted
