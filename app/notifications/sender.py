"""Sending: a notice becomes a notification in the inbox of each who wants it.

The public face of this feature for others. To a few: at once, one commit. To many, or under a key
of the sender's own: one durable entry first, see `broadcasts`.
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from app.accounts.users import Users
from app.notifications.broadcasts import Broadcasts
from app.notifications.models import (
    SERVICE,
    Notice,
    body_of,
    fingerprint,
    inbox_of,
    notification_id,
)
from app.notifications.preferences import PreferenceBook
from app.notifications.state_changes import mark_withdrawn
from app.notifications.store import InboxStore
from app.streams.committer import Committer
from app.streams.models import Change, Committed

AT_ONCE = 20


class Sent(Struct, frozen=True, kw_only=True):
    """The ids of the notifications, one for each recipient in their order.

    Whoever does not want this category has none under their id.
    """

    ids: list[str]
    is_repeat: bool = False


class InboxChanges:
    """Makes the changes of inboxes. No rule about who sends what, no commit."""

    def __init__(
        self,
        book: PreferenceBook,
        store: InboxStore,
        users: Users,
        new_id: Callable[[], str],
        clock: Callable[[], datetime],
    ) -> None:
        self._book = book
        self._store = store
        self._users = users
        self._new_id = new_id
        self._clock = clock

    async def additions(
        self, user_ids: Sequence[str], notice: Notice, key: str, by: str, asked: bytes
    ) -> tuple[Change, ...]:
        """One new notification for each of these people who wants it."""
        verdicts = await self._book.verdicts(user_ids, notice)
        body = body_of(await self._signed(notice))
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

    async def _signed(self, notice: Notice) -> Notice:
        """With the actor's name of now, for when they are unknown later."""
        if notice.actor is None or notice.actor_name is not None:
            return notice
        actor = (await self._users.many([notice.actor])).get(notice.actor)
        return replace(notice, actor_name=actor.name if actor else None)

    async def withdrawals(
        self, user_ids: Iterable[str], key: str, by: str = SERVICE
    ) -> tuple[Change, ...]:
        """A tombstone for each of these people who has the notification of this key."""
        ids = [notification_id(key, user_id, by) for user_id in user_ids]
        found = await self._store.standing(ids)
        return tuple(self._withdrawal(stream, item_id, by) for item_id, stream in found.items())

    def _withdrawal(self, stream: str, item_id: str, by: str) -> Change:
        return Change(
            id=self._new_id(),
            stream=stream,
            sender=by,
            client_id=self._new_id(),
            fingerprint=fingerprint("withdraw", item_id),
            at=self._clock(),
            of=item_id,
            amend=mark_withdrawn(self._clock()),
        )


class NotificationSender:
    """Sends notices and takes them back. `key` makes a repeat a repeat, for each sender `by`."""

    def __init__(
        self,
        changes: InboxChanges,
        broadcasts: Broadcasts,
        committer: Committer,
        new_id: Callable[[], str],
    ) -> None:
        self._inbox_changes = changes
        self._broadcasts = broadcasts
        self._committer = committer
        self._new_id = new_id

    async def send(
        self,
        to: Sequence[str],
        notice: Notice,
        key: str | None = None,
        by: str = SERVICE,
        token: str | None = None,
    ) -> Sent:
        """Durable when this returns. To more than 20 people, they find it a moment later, while
        `by` may still send, with the `token` that they used.

        Raises Conflict where `by` used `key` for another notice or other people, and Unavailable.
        """
        recipients = list(dict.fromkeys(to))
        if key is None and len(recipients) <= AT_ONCE:
            await self._deliver(recipients, notice, key := self._new_id(), by)
            return Sent(ids=[notification_id(key, u, by) for u in recipients])
        return await self._record(recipients, notice, key or self._new_id(), by, token)

    async def _record(
        self, recipients: list[str], notice: Notice, key: str, by: str, token: str | None
    ) -> Sent:
        asked = fingerprint(notice, sorted(recipients))
        is_small = len(recipients) <= AT_ONCE
        done = await self._broadcasts.record(
            recipients, notice, key, by, asked, is_delivered=is_small, token=token
        )
        if is_small:
            await self._deliver(recipients, notice, key, by)
        ids = [notification_id(key, user_id, by) for user_id in recipients]
        return Sent(ids=ids, is_repeat=done.is_repeat)

    async def send_to_all(
        self,
        notice: Notice,
        key: str | None = None,
        by: str = SERVICE,
        token: str | None = None,
    ) -> Sent:
        """To everyone who has an account at this moment; a repeat goes to those of the first."""
        key = key or self._new_id()
        recipients, is_repeat = await self._broadcasts.record_for_all(notice, key, by, token)
        ids = [notification_id(key, user_id, by) for user_id in recipients]
        return Sent(ids=ids, is_repeat=is_repeat)

    async def _deliver(self, to: Sequence[str], notice: Notice, key: str, by: str) -> None:
        await submit_all(self._committer, await self.changes_for(to, notice, key, by=by))

    async def changes_for(
        self, user_ids: Sequence[str], notice: Notice, key: str, *, by: str = SERVICE
    ) -> tuple[Change, ...]:
        """The changes that notify these people, to commit along with what they tell of.

        Those who do not want it are left out. The key alone makes a repeat, never a conflict.
        """
        return await self._inbox_changes.additions(user_ids, notice, key, by, fingerprint(key))

    def new_key(self) -> str:
        """A key that nobody has used."""
        return self._new_id()

    def broadcast(self, user_ids: list[str], notice: Notice, key: str) -> Change:
        """The change that notifies many: they find it a moment after its commit."""
        return self._broadcasts.announcing(user_ids, notice, key, SERVICE)

    def broadcast_withdrawal(self, user_ids: list[str], key: str) -> Change:
        """The change that takes a notice back from many, a moment after its commit."""
        return self._broadcasts.withdrawing(user_ids, key, SERVICE)

    async def withdraw(
        self, user_ids: Iterable[str], key: str, *, by: str = SERVICE
    ) -> tuple[Change, ...]:
        """The changes that take the notification of `key` back from those of these people who have
        it, to commit along with what made it void. On each device it disappears."""
        return await self._inbox_changes.withdrawals(user_ids, key, by)


async def submit_all(committer: Committer, changes: Iterable[Change]) -> list[Committed]:
    """Commit together what can be; all are awaited before the first failure is raised."""
    tried = await asyncio.gather(*map(committer.submit, changes), return_exceptions=True)
    for result in tried:
        if isinstance(result, BaseException):
            raise result
    return [result for result in tried if isinstance(result, Committed)]
