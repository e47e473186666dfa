"""Builds the changes of inboxes: a new notification, one read, archived or withdrawn.

An amendment leaves an item alone that is in the wanted state already. Retention goes by `read_at`:
only items that have it are ever deleted.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from app.accounts.users import Users
from app.notifications.models import (
    SERVICE,
    Notice,
    body_of,
    fingerprint,
    inbox_of,
    notification_id,
)
from app.notifications.preferences import PreferenceBook
from app.notifications.store import InboxStore
from app.streams.models import Amendment, Change, Item
from app.times import Clock


def mark_read(at: datetime) -> Amendment:
    def amend(item: Item) -> Item:
        if not item.body["unread"]:
            return item
        return replace(item, body=item.body | {"unread": False, "read_at": at})

    return amend


def mark_archived(at: datetime) -> Amendment:
    """Archive a notification and mark it as read."""

    def amend(item: Item) -> Item:
        if item.deleted or item.body["archived"]:
            return item
        return replace(item, body=item.body | _read(item, at) | {"archived": True})

    return amend


def mark_withdrawn(at: datetime) -> Amendment:
    """Replace a notification with a tombstone that has no content."""

    def amend(item: Item) -> Item:
        return item if item.deleted else replace(item, body=_read(item, at), deleted=True)

    return amend


def _read(item: Item, at: datetime) -> dict[str, object]:
    return {"unread": False, "read_at": item.body.get("read_at", at)}


class InboxChanges:
    """Changes for many inboxes; it neither commits them nor asks who may send."""

    def __init__(
        self,
        book: PreferenceBook,
        store: InboxStore,
        users: Users,
        new_id: Callable[[], str],
        clock: Clock,
    ) -> None:
        self._book = book
        self._store = store
        self._users = users
        self._new_id = new_id
        self._clock = clock

    async def additions(
        self, user_ids: Sequence[str], notice: Notice, key: str, by: str, asked: bytes
    ) -> tuple[Change, ...]:
        """A new notification for each of these people whose preferences want it.

        `asked` is the fingerprint of the request: the same `key` with another one is a conflict.
        """
        verdicts = await self._book.verdicts(user_ids, notice)
        body = body_of(await self._with_actor_name(notice))
        return tuple(
            Change(
                id=notification_id(key, user_id, by),
                stream=inbox_of(user_id),
                sender=by,
                client_id=key,
                fingerprint=asked,
                at=self._clock(),
                body={**body, "alert": verdict.alert},
            )
            for user_id, verdict in verdicts.items()
            if verdict.inbox
        )

    async def _with_actor_name(self, notice: Notice) -> Notice:
        """The notice with the actor's present name, for the day when the account is unknown."""
        if notice.actor is None or notice.actor_name is not None:
            return notice
        actor = (await self._users.many([notice.actor])).get(notice.actor)
        return replace(notice, actor_name=actor.name if actor else None)

    async def withdrawals(
        self, user_ids: Iterable[str], key: str, by: str = SERVICE
    ) -> tuple[Change, ...]:
        """A tombstone for each of these people who has the notification of this key."""
        ids = [notification_id(key, user_id, by) for user_id in user_ids]
        found = await self._store.existing(ids)
        return tuple(
            self.amendment(stream, item_id, by, mark_withdrawn(self._clock()))
            for item_id, stream in found.items()
        )

    def amendment(self, stream: str, item_id: str, by: str, amend: Amendment) -> Change:
        """The change of one notification by the person or service `by`."""
        return Change(
            id=self._new_id(),
            stream=stream,
            sender=by,
            client_id=self._new_id(),
            fingerprint=fingerprint(item_id),
            at=self._clock(),
            of=item_id,
            amend=amend,
        )
