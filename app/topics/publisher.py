"""Publishes events in topics: checks rights, size and limits, then commits or passes them on."""

from collections.abc import Callable
from datetime import datetime

import msgspec
from msgspec import Struct

from app.accounts.models import Caller, User
from app.errors import TooLarge
from app.streams.committer import Committer
from app.streams.log import Log
from app.streams.models import Change, Item
from app.times import Clock
from app.topics.directory import Directory
from app.topics.ephemeral import EphemeralTopics
from app.topics.models import DATA_BYTES, Publish, Topic, fingerprint
from app.topics.permissions import must_be_publisher, must_publish
from app.topics.serializer import body_of


class Published(Struct, frozen=True, kw_only=True):
    """A published event; `is_repeat` where its `client_id` was published before."""

    item: Item
    is_durable: bool
    is_repeat: bool = False


class Publisher:
    """`allow` raises RateLimited for a user who publishes too often, `check` Invalid for text that
    the server's content policy refuses."""

    def __init__(
        self,
        directory: Directory,
        ephemeral: EphemeralTopics,
        committer: Committer,
        log: Log,
        new_id: Callable[[], str],
        clock: Clock,
        allow: Callable[[User], None],
        check: Callable[[str, str], None],
    ) -> None:
        self._directory = directory
        self._ephemeral = ephemeral
        self._committer = committer
        self._log = log
        self._new_id = new_id
        self._clock = clock
        self._allow = allow
        self._check = check

    async def publish(
        self,
        caller: Caller,
        asked: Publish,
        *,
        sender: User | None = None,
        bytes_at_most: int = DATA_BYTES,
    ) -> Published:
        """Publish in a topic, created where there is none; a durable event is committed on return.

        `sender` is the shown and limited publisher where a program acts with the caller's rights.

        Raises Forbidden, Invalid, TooLarge, Conflict, RateLimited, Unavailable.
        """
        must_be_publisher(caller)
        data = self._encoded(asked.data, bytes_at_most)
        sender = sender or caller.user
        self._allow(sender)
        topic = await self._directory.get_or_create(caller, asked.topic)
        must_publish(caller, topic)
        if topic.ephemeral:
            return self._pass_on(topic, sender, data)
        return await self._commit(topic, sender, data, asked.client_id or self._new_id())

    def _encoded(self, data: object, bytes_at_most: int) -> str:
        encoded = msgspec.json.encode(data)
        if len(encoded) > bytes_at_most:
            raise TooLarge(
                f"An event's data is at most {bytes_at_most:,} bytes of JSON.", field="data"
            )
        text = encoded.decode()
        self._check(text, "data")
        return text

    def _pass_on(self, topic: Topic, sender: User, data: str) -> Published:
        item = self._item(topic, self._new_id(), 0, sender, "", self._clock(), data)
        self._ephemeral.publish(item)
        return Published(item=item, is_durable=False)

    async def _commit(self, topic: Topic, sender: User, data: str, client_id: str) -> Published:
        change = Change(
            id=self._new_id(),
            stream=topic.stream,
            sender=sender.id,
            client_id=client_id,
            fingerprint=fingerprint(data),
            at=self._clock(),
            body=body_of(data),
        )
        done = await self._committer.submit(change)
        item = self._item(topic, done.id, done.seq, sender, client_id, change.at, data)
        if done.is_repeat:
            # The first event's time.
            item = await self._log.item(topic.stream, done.id) or item
        return Published(item=item, is_durable=True, is_repeat=done.is_repeat)

    def _item(
        self,
        topic: Topic,
        item_id: str,
        rev: int,
        sender: User,
        client_id: str,
        at: datetime,
        data: str,
    ) -> Item:
        return Item(
            id=item_id,
            stream=topic.stream,
            seq=rev,
            rev=rev,
            sender=sender.id,
            client_id=client_id,
            at=at,
            body=body_of(data),
        )
