"""Takes what is posted to incoming webhooks to the room or topic of each."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from msgspec import Struct
from pymongo.errors import PyMongoError

from app.accounts.models import Caller
from app.chat.messages import Messages
from app.errors import NotFound
from app.hooks import posted
from app.hooks.models import IncomingHook
from app.hooks.store import IncomingStore
from app.topics.models import Publish
from app.topics.publishing import Publishing

NOTED_EVERY = timedelta(minutes=1)

log = structlog.get_logger("hooks")


class Taken(Struct, frozen=True, kw_only=True):
    """What became of it. Of an ephemeral topic's event `rev` is 0."""

    id: str
    rev: int
    is_repeat: bool


class Receiver:
    """`allow` raises RateLimited for a hook that posts too much."""

    def __init__(
        self,
        store: IncomingStore,
        messages: Messages,
        publishing: Publishing,
        clock: Callable[[], datetime],
        allow: Callable[[str], None],
    ) -> None:
        self._store = store
        self._messages = messages
        self._publishing = publishing
        self._clock = clock
        self._allow = allow

    async def hook(self, secret: str) -> IncomingHook:
        """The hook that may post once more now. Raises NotFound, RateLimited."""
        hook = await self._store.by_secret(secret)
        if hook is None or hook.off:
            raise NotFound("There is no such webhook.")
        self._allow(hook.id)
        return hook

    async def take(self, hook: IncomingHook, raw: bytes, key: str | None) -> Taken:
        """Commit what was posted. Raises Invalid, TooLarge, Forbidden, NotFound, Conflict."""
        client_id = posted.client_id_of(key)
        taken = await (
            self._say(hook, posted.said(raw), client_id)
            if hook.place.kind == "room"
            else self._publish(hook, posted.data(raw), client_id)
        )
        await self._note(hook)
        return taken

    async def test(self, hook: IncomingHook) -> Taken:
        """Post what an admin can see arriving."""
        text = f"This is a test of the webhook “{hook.name}”."
        if hook.place.kind == "room":
            return await self._say(hook, posted.Said(text=text), None)
        return await self._publish(hook, {"text": text}, None)

    async def _say(self, hook: IncomingHook, asked: posted.Said, client_id: str | None) -> Taken:
        done = await self._messages.post(
            hook.bot, hook.place.id, asked.text, client_id or asked.client_id
        )
        return Taken(id=done.id, rev=done.rev, is_repeat=done.is_repeat)

    async def _publish(self, hook: IncomingHook, data: object, client_id: str | None) -> Taken:
        asked = Publish(topic=hook.place.id, data=data, client_id=client_id)
        done = await self._publishing.publish(Caller(user=hook.bot), asked)
        return Taken(id=done.item.id, rev=done.item.rev, is_repeat=done.is_repeat)

    async def _note(self, hook: IncomingHook) -> None:
        now = self._clock()
        if hook.used is not None and now - hook.used < NOTED_EVERY:
            return
        try:
            await self._store.used(hook.id, now)
        except PyMongoError as error:
            # What was posted is on disk, and whoever posted it is to know.
            log.warning("the use of a hook is not noted", reason=type(error).__name__)
