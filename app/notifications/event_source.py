"""A person's inbox for one reader of Server-Sent Events."""

from app.errors import Forbidden, Invalid
from app.notifications.client_events import SCOPE
from app.notifications.inbox import Inbox
from app.notifications.open_inboxes import OpenInboxes
from app.realtime.server_event import Event
from app.realtime.sse.channel import BatchListener, Payload
from app.realtime.sse.connection import SSEConnection


class InboxSources:
    """Makes a source for the caller's own inbox."""

    def __init__(self, inbox: Inbox, open_inboxes: OpenInboxes) -> None:
        self._inbox = inbox
        self._open_inboxes = open_inboxes

    async def open(self, stream: SSEConnection, name: str) -> "InboxSource":
        """Raises Forbidden, and Invalid if a `name` is given, since everyone has one inbox."""
        if name:
            raise Invalid("There is one inbox, your own: ask for notifications.", field="streams")
        if not stream.caller.may(SCOPE):
            raise Forbidden("This token may not read notifications.")
        return InboxSource(stream, self._inbox, self._open_inboxes)


class InboxSource:
    """A reader of the inbox: one more device of the person."""

    name = "notifications"

    def __init__(self, stream: SSEConnection, inbox: Inbox, open_inboxes: OpenInboxes) -> None:
        self._stream = stream
        self._inbox = inbox
        self._open_inboxes = open_inboxes
        self._begins_at = 0

    @property
    def key(self) -> str:
        return f"notifications:{self._stream.user_id}"

    @property
    def farewell(self) -> Event:
        """Never sent: a person keeps their inbox as long as they are connected."""
        return Event("error", {"code": "forbidden"})

    async def follow(self, taker: BatchListener) -> int:
        self._stream.listen("inbox", self._begin)
        self._stream.listen("notifications", taker.take)
        await self._open_inboxes.attach(self._stream)
        return self._begins_at

    def _begin(self, event: Event) -> None:
        self._begins_at = event.payload["rev"]

    async def since(self, cursor: int) -> Payload:
        answer = await self._inbox.sync(self._stream.user_id, cursor)
        kept = {name: answer[name] for name in ("more", "reset", "older") if answer[name]}
        # A snapshot replaces everything before it.
        prev = 0 if answer["reset"] else cursor
        head = {"prev": prev, "rev": answer["rev"], "unread": answer["unread"]}
        return {**head, "items": answer["items"], **kept}

    def leave(self) -> None:
        self._open_inboxes.detach(self._stream)
