"""Notifications in their wire form."""

from collections.abc import Iterable
from typing import Any

from app.accounts.models import FORMER_MEMBER
from app.accounts.users import Users
from app.notifications.models import owner_of
from app.streams.models import Body, Item
from app.streams.portions import length
from app.times import rfc3339

OPTIONAL = ("link", "group", "room", "message")
LONG = ("title", "body", "link", "group")


def size(item: Item) -> int:
    """About how many bytes a notification takes on the wire."""
    body = item.body
    return 500 + sum(length(body.get(name, "")) for name in LONG)


WireNotification = dict[str, Any]
"""A notification in the form of docs/PROTOCOL.md."""


class Serializer:
    """Names come from the accounts' cache, so that live delivery never waits for the database."""

    def __init__(self, users: Users) -> None:
        self._users = users

    async def warm(self, items: Iterable[Item]) -> None:
        """Load the names of those who caused these notifications."""
        actors = {item.body["actor"] for item in items if "actor" in item.body}
        missing = [actor for actor in actors if self._users.known(actor) is None]
        if missing:
            await self._users.load(missing)

    def notification(self, item: Item) -> WireNotification:
        """The wire form; a tombstone has no content. `alert` is how loud it was to be."""
        body = item.body
        head = {
            "id": item.id,
            "user_id": owner_of(item.stream),
            "seq": item.seq,
            "rev": item.rev,
            "timestamp": rfc3339(item.at),
            "read": not body["unread"],
        }
        if item.deleted:
            return head | {"deleted": True}
        content: dict[str, Any] = {
            "title": self._title(body),
            "body": body["body"],
            "category": body["category"],
            "alert": body.get("alert", "none"),
        }
        content |= {name: body[name] for name in OPTIONAL if name in body}
        if "actor" in body:
            content["actor"] = self._actor(body["actor"], body.get("actor_name", ""))
        if body["archived"]:
            content["archived"] = True
        return head | content

    def all(self, items: Iterable[Item]) -> list[WireNotification]:
        """The wire forms, in the order of `items`."""
        return [self.notification(item) for item in items]

    def _title(self, body: Body) -> str:
        """The title; one of chat's that begins with a person's name has their present name."""
        title: str = body["title"]
        before = body.get("actor_name", "")
        if not before or "room" not in body or not title.startswith(before):
            return title
        return self._actor(body["actor"], before)["name"] + title.removeprefix(before)

    def _actor(self, user_id: str, fallback: str) -> dict[str, str]:
        user = self._users.known(user_id)
        if user is None:
            return {"id": user_id, "name": fallback}
        return {"id": user_id, "name": FORMER_MEMBER if user.is_deleted else user.name}
