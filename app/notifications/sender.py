"""Sends notices: each becomes a notification in the inbox of everyone who wants it.

This is what other features use. A notice to a few people is committed at once; one to many, or
under a key of the sender's own, is recorded as a durable entry first (`broadcasts.py`).
"""

import asyncio
from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from app.notifications.broadcasts import Broadcasts
from app.notifications.inbox_changes import InboxChanges
from app.notifications.models import SERVICE, Broadcast, Notice, fingerprint, notification_id
from app.streams.committer import Committer
from app.streams.models import Change, Committed

AT_ONCE = 20


class Sent(Struct, frozen=True, kw_only=True):
    """The ids of the notifications, one for each recipient in their order.

    There is no notification of that id if the recipient does not want this category.
    """

    ids: list[str]
    is_repeat: bool = False


class NotificationSender:
    """Sends notices and takes them back. A second use of `key` by the sender `by` is a repeat."""

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
        """Send a notice to the user ids `to`; it is on disk when this returns.

        More than 20 people find it in their inbox a moment later, as long as `by`, with the id of
        the `token` they used, may still send. Raises Conflict where `by` used `key` for another
        notice or other people, and Unavailable.
        """
        people = list(dict.fromkeys(to))
        is_small, is_repeat = len(people) <= AT_ONCE, False
        if key is not None or not is_small:
            key = key or self._new_id()
            broadcast = Broadcast(
                key=key, to=people, notice=notice, is_delivered=is_small, token=token
            )
            asked = fingerprint(notice, sorted(people))
            is_repeat = (await self._broadcasts.record(broadcast, by, asked)).is_repeat
        key = key or self._new_id()
        if is_small:
            changes = await self._inbox_changes.additions(people, notice, key, by, fingerprint(key))
            await submit_all(self._committer, changes)
        return _sent(people, key, by, is_repeat=is_repeat)

    async def send_to_all(
        self,
        notice: Notice,
        key: str | None = None,
        by: str = SERVICE,
        token: str | None = None,
    ) -> Sent:
        """Send to everyone who has an account now; a repeat goes to the people of the first."""
        key = key or self._new_id()
        people, is_repeat = await self._broadcasts.record_for_all(notice, key, by, token)
        return _sent(people, key, by, is_repeat=is_repeat)

    async def additions(
        self, people: Sequence[str], notice: Notice, key: str
    ) -> tuple[Change, ...]:
        """The changes that notify these people, to commit along with their cause.

        One for each of up to 20 who want it; for more people a single broadcast. A second use of
        `key` is always a repeat, never a conflict.
        """
        if len(people) > AT_ONCE:
            return (self._broadcasts.addition(list(people), notice, key),)
        return await self._inbox_changes.additions(people, notice, key, SERVICE, fingerprint(key))

    async def withdrawals(self, people: Sequence[str], key: str) -> tuple[Change, ...]:
        """The changes that take the notification of `key` back from those of these people who have
        it, to commit along with their cause."""
        if len(people) > AT_ONCE:
            return (self._broadcasts.withdrawal(list(people), key),)
        return await self._inbox_changes.withdrawals(people, key)

    def new_key(self) -> str:
        return self._new_id()


def _sent(people: Iterable[str], key: str, by: str, *, is_repeat: bool) -> Sent:
    return Sent(ids=[notification_id(key, person, by) for person in people], is_repeat=is_repeat)


async def submit_all(committer: Committer, changes: Iterable[Change]) -> list[Committed]:
    """Commit all that can be committed, then raise the first failure if there is one."""
    tried = await asyncio.gather(*map(committer.submit, changes), return_exceptions=True)
    for result in tried:
        if isinstance(result, BaseException):
            raise result
    return [result for result in tried if isinstance(result, Committed)]
