"""Commits posts to incoming webhooks as messages of a room or events of a topic."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import structlog
from msgspec import Struct

from app.accounts.models import Caller, User
from app.chat.messages import Messages
from app.errors import NotFound
from app.hooks import incoming_payload
from app.hooks.ended_rights import EndedRights
from app.hooks.models import IncomingHook
from app.hooks.rights import must_be_on
from app.hooks.store import IncomingStore
from app.storage.errors import DatabaseError
from app.times import Clock
from app.topics.models import Publish
from app.topics.publisher import Publisher

NOTED_EVERY = timedelta(minutes=1)
ON_THE_LOOP_BYTES = 4_096

T = TypeVar("T")

logger = structlog.get_logger("hooks")


class Taken(Struct, frozen=True, kw_only=True):
    """The message or event that was committed; the `rev` of an ephemeral topic's event is 0."""

    id: str
    rev: int
    is_repeat: bool


class IncomingPosts:
    """Posts with the present rights of each hook's maker. `limit_posts` raises RateLimited for the
    id of a hook that posts too often."""

    def __init__(
        self,
        store: IncomingStore,
        ended_rights: EndedRights,
        messages: Messages,
        publisher: Publisher,
        clock: Clock,
        limit_posts: Callable[[str], None],
    ) -> None:
        self._store = store
        self._ended_rights = ended_rights
        self._messages = messages
        self._publisher = publisher
        self._clock = clock
        self._limit_posts = limit_posts

    async def hook(self, secret: str) -> IncomingHook:
        """The hook of this secret, if it may post now. Raises NotFound, Forbidden, RateLimited."""
        hook = await self._store.by_secret(secret)
        if hook is None:
            raise NotFound("There is no such webhook.")
        must_be_on(hook)
        self._limit_posts(hook.id)
        return hook

    async def take(self, hook: IncomingHook, raw: bytes, client_id: str | None) -> Taken:
        """Commit a posted body. Raises Invalid, TooLarge, Forbidden, NotFound, Conflict."""
        is_for_room = hook.place.kind == "room"
        asked = await _read(
            incoming_payload.room_message if is_for_room else incoming_payload.topic_event, raw
        )
        # Parsing took a while; the hook may have been stopped meanwhile.
        hook, maker = await self._acting(hook.id)
        taken = await (
            self._post_message(hook, maker, asked, client_id)
            if isinstance(asked, incoming_payload.RoomMessage)
            else self._publish(hook, maker, asked, client_id)
        )
        await self._note(hook)
        return taken

    async def test(self, hook: IncomingHook) -> Taken:
        """Post a test message. Raises NotFound, Forbidden."""
        hook, maker = await self._acting(hook.id)
        text = f"This is a test of the webhook “{hook.name}”."
        if hook.place.kind == "room":
            return await self._post_message(
                hook, maker, incoming_payload.RoomMessage(text=text), None
            )
        return await self._publish(hook, maker, {"text": text}, None)

    async def _acting(self, hook_id: str) -> tuple[IncomingHook, User]:
        """The hook as it is on disk, and the person as whom it acts. Raises NotFound, Forbidden."""
        hook = await self._store.get(hook_id)
        if hook is None:
            raise NotFound("There is no such webhook.")
        must_be_on(hook)
        return hook, await self._ended_rights.acting_for(hook)

    async def _post_message(
        self,
        hook: IncomingHook,
        maker: User,
        asked: incoming_payload.RoomMessage,
        client_id: str | None,
    ) -> Taken:
        done = await self._messages.post(
            maker,
            hook.shown_as,
            hook.place.id,
            asked.text,
            client_id or asked.client_id,
            asked.bars,
        )
        return Taken(id=done.id, rev=done.rev, is_repeat=done.is_repeat)

    async def _publish(
        self, hook: IncomingHook, maker: User, data: object, client_id: str | None
    ) -> Taken:
        asked = Publish(topic=hook.place.id, data=data, client_id=client_id)
        done = await self._publisher.publish(
            Caller(user=maker),
            asked,
            sender=hook.shown_as,
            bytes_at_most=incoming_payload.BODY_BYTES,
        )
        return Taken(id=done.item.id, rev=done.item.rev, is_repeat=done.is_repeat)

    async def _note(self, hook: IncomingHook) -> None:
        now = self._clock()
        if hook.used is not None and now - hook.used < NOTED_EVERY:
            return
        try:
            await self._store.used(hook.id, now)
        except DatabaseError as error:
            # The post is on disk, so its sender must not be told of a failure.
            logger.warning("the use of a hook is not noted", reason=type(error).__name__)


async def _read(read: Callable[[bytes], T], raw: bytes) -> T:
    """The result of `read`, computed in a thread for bodies that would block the event loop."""
    if len(raw) <= ON_THE_LOOP_BYTES:
        return read(raw)
    return await asyncio.to_thread(read, raw)
