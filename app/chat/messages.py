"""Sending, editing and deleting messages, and reacting to them."""

from collections.abc import Awaitable

from msgspec.structs import replace

from app.accounts.models import Caller, User
from app.audit.trail import AuditTrail
from app.chat.access import Access, membership_guard
from app.chat.markup.quote_colours import NONE, Bars
from app.chat.message_body import MessageBodies
from app.chat.message_notifier import MessageNotifier, NewMessage, Notified
from app.chat.models import DeleteMessage, EditMessage, React, SendMessage
from app.chat.ordered_lock import OrderedLocks
from app.chat.reactions import Reactions, emoji_of, reacted
from app.chat.room_view import RoomView
from app.chat.stream_changes import StreamChanges
from app.chat.subscribers import Subscribers
from app.chat.typing import Typing
from app.errors import Forbidden, Invalid, NotFound
from app.security.rate_limiter import RateLimiter
from app.streams.committer import Committer
from app.streams.log import Log
from app.streams.models import Amendment, Body, Change, Committed, Item, entry_of, item_from
from app.times import rfc3339

NO_GROUPS: Body = {"mention_groups": [], "here": ""}


class Messages:
    """Sends and changes messages, at most `messages_per_minute` of a person; 0 is no limit."""

    def __init__(
        self,
        access: Access,
        bodies: MessageBodies,
        log: Log,
        committer: Committer,
        changes: StreamChanges,
        notifier: MessageNotifier,
        subscribers: Subscribers,
        typing: Typing,
        audit: AuditTrail,
        limits: RateLimiter,
        messages_per_minute: int,
    ) -> None:
        self._access = access
        self._bodies = bodies
        self._log = log
        self._committer = committer
        self._changes = changes
        self._notifier = notifier
        self._subscribers = subscribers
        self._typing = typing
        self._audit = audit
        self._limits = limits
        self._messages_per_minute = messages_per_minute
        self._locks = OrderedLocks()

    async def send(self, caller: User, request: SendMessage) -> Committed:
        """Commit a message; a repeat of `client_id` gets the first result.

        Raises NotFound, Forbidden, Invalid, TooLarge, RateLimited, Unavailable, and Conflict where
        the `client_id` was used with other content.
        """
        _, committed = await self._send(caller, request)
        return committed

    async def send_with_item(
        self, caller: User, request: SendMessage
    ) -> tuple[Committed, Item | None]:
        """Like `send`, with the message as it was committed; None where it is a repeat."""
        change, done = await self._send(caller, request)
        return done, None if done.is_repeat else item_from(entry_of(change, done.rev))

    async def _send(self, caller: User, request: SendMessage) -> tuple[Change, Committed]:
        text = self._bodies.checked(request.text)
        with self._locks.ticket(caller.id) as ticket:
            view = await self._access.writable(caller, request.room)
            self._limits.hit("message", caller.id, self._messages_per_minute)
            answered = await self._answered(view, request.reply_to)
            body = await self._bodies.body(view, caller, text)
            if answered is not None:
                body["reply_to"] = answered.id
            change = self._changes.message(
                view.room,
                caller,
                body,
                client_id=request.client_id,
                guard=membership_guard(view, caller),
            )
            message = self._new_message(view, caller, change.id, body, answered)
            change = with_recipients(change, await self._notifier.of_message(message))
            await ticket.acquire()
            committed = self._committer.take(change)
        done = await committed
        self._typing.stop(view.room.id, caller.id)
        return change, done

    async def post(
        self,
        maker: User,
        shown_as: User,
        room: str,
        text: str,
        client_id: str | None,
        bars: Bars = NONE,
    ) -> Committed:
        """Commit a message of a program, with the rights of its maker and under its own name.

        `shown_as` needs no account: its name is kept with the message. The caller limits how often
        a program posts. Raises NotFound, Forbidden, Invalid, TooLarge, Conflict, Unavailable.
        """
        text = self._bodies.checked(text)
        with self._locks.ticket(shown_as.id) as ticket:
            view = await self._access.writable(maker, room)
            body = await self._bodies.body(view, shown_as, text, bars) | {"bot": True}
            change = self._changes.message(
                view.room, shown_as, body, client_id=client_id, guard=membership_guard(view, maker)
            )
            message = self._new_message(view, shown_as, change.id, body)
            change = with_recipients(change, await self._notifier.of_message(message))
            await ticket.acquire()
            # Analytics counts the messages of people only.
            committed = self._committer.take(replace(change, what=""))
        return await committed

    async def _answered(self, view: RoomView, item_id: str | None) -> Item | None:
        if item_id is None:
            return None
        item = await self._log.item(view.room.stream, item_id)
        if item is None:
            raise Invalid("The message you answer is not in this room.", field="reply_to")
        return item

    def _new_message(
        self, view: RoomView, by: User, message_id: str, body: Body, answered: Item | None = None
    ) -> NewMessage:
        return NewMessage(
            id=message_id,
            room=view.room,
            by=by,
            text=body["text"],
            members=view.members.keys(),
            mentions=self._bodies.mentioned(view, body),
            answers=None if answered is None else answered.sender,
            watching=self._subscribers.watching(view.room.id),
        )

    async def edit(self, by: Caller, request: EditMessage) -> Committed:
        """Give a message a new text. For its author, or an admin, whose change is audited.

        Raises like `send`.
        """
        caller, author = by.user, by.user.id
        text = self._bodies.checked(request.text)
        with self._locks.ticket(caller.id) as ticket:
            view = await self._access.writable(caller, request.room)
            self._limits.hit("message", caller.id, self._messages_per_minute)
            # Groups that the text called before are called no longer.
            content = NO_GROUPS | await self._bodies.body(view, caller, text)
            content["edited_at"] = rfc3339(self._changes.now())
            before = await self._recipients_of(view, request.id)
            message = self._new_message(view, caller, request.id, content)
            notified = await self._notifier.of_edit(message, self._changes.new_id(), before)
            content["told"] = dict(notified.recipients)

            def amend(item: Item) -> Item:
                nonlocal author
                author = must_be_own(item, caller)
                return replace(item, body=item.body | content)

            asked, client_id = ("edit", text), request.client_id
            await ticket.acquire()
            committed = self._amend(view, caller, request.id, amend, asked, notified, client_id)
        done = await committed
        if author != caller.id:
            await self._audit.done("message_edited", by, author)
        return done

    async def _recipients_of(self, view: RoomView, item_id: str) -> dict[str, str]:
        """Those whom a message has notified so far."""
        item = await self._log.item(view.room.stream, item_id)
        return {} if item is None else item.body.get("told", {})

    async def delete(self, by: Caller, request: DeleteMessage) -> Committed:
        """Leave a tombstone of a message. For its author, or an admin, whose deletion is audited.

        Raises like `send`.
        """
        caller, author = by.user, by.user.id

        def amend(item: Item) -> Item:
            nonlocal author
            author = must_be_own(item, caller)
            return replace(item, body={"name": item.body.get("name", "")}, deleted=True)

        with self._locks.ticket(caller.id) as ticket:
            view = await self._access.writable(caller, request.room)
            notified = await self._notifier.of_deletion(await self._recipients_of(view, request.id))
            await ticket.acquire()
            committed = self._amend(view, caller, request.id, amend, ("delete",), notified)
        done = await committed
        if author != caller.id:
            await self._audit.done("message_deleted", by, author)
        return done

    async def react(self, caller: User, request: React, *, add: bool) -> Committed:
        """Add or take back a reaction of the caller; nothing changes where it is so already.

        Raises NotFound, Forbidden, RateLimited, and Invalid where the message has all it can hold.
        """
        symbol = emoji_of(request.emoji)

        def amend(item: Item) -> Item:
            must_be_message(item)
            before: Reactions = item.body.get("reactions", {})
            after = reacted(before, symbol, caller.id, add)
            return item if after == before else replace(item, body=item.body | {"reactions": after})

        asked = ("add" if add else "remove", symbol)
        with self._locks.ticket(caller.id) as ticket:
            view = await self._access.writable(caller, request.room)
            self._limits.hit("message", caller.id, self._messages_per_minute)
            notified = await self._reaction(view, caller, request.id, symbol, add)
            await ticket.acquire()
            what = "reaction_added" if add else ""
            committed = self._amend(view, caller, request.id, amend, asked, notified, what=what)
        return await committed

    async def _reaction(
        self, view: RoomView, by: User, item_id: str, symbol: str, add: bool
    ) -> Notified:
        message = await self._log.item(view.room.stream, item_id)
        if message is None or message.deleted or not view.has(message.sender):
            return Notified()
        if not add:
            return await self._notifier.of_reaction_withdrawn(message, by, symbol)
        if message.sender in self._subscribers.watching(view.room.id):
            return Notified()
        return await self._notifier.of_reaction(message, view.room, by, symbol)

    def _amend(
        self,
        view: RoomView,
        caller: User,
        item_id: str,
        amend: Amendment,
        asked: tuple[object, ...],
        notified: Notified,
        client_id: str | None = None,
        what: str = "",
    ) -> Awaitable[Committed]:
        change = self._changes.amendment(
            view.room,
            caller,
            item_id,
            amend,
            asked=asked,
            client_id=client_id,
            guard=membership_guard(view, caller),
            what=what,
        )
        return self._committer.take(replace(change, along=notified.changes))


def with_recipients(change: Change, notified: Notified) -> Change:
    """A new message with the notifications that are committed along with it."""
    if not notified.recipients:
        return change
    return replace(
        change, along=notified.changes, body={**(change.body or {}), "told": notified.recipients}
    )


def must_be_message(item: Item) -> None:
    if item.deleted:
        raise NotFound("This message was deleted.")
    if item.body.get("system"):
        raise Forbidden("A system message can't be changed.")


def must_be_own(item: Item, caller: User) -> str:
    """The author of the message. Raises Forbidden for others who are no admins."""
    must_be_message(item)
    if item.sender != caller.id and not caller.is_admin:
        raise Forbidden("Only its author or an admin can change a message.")
    return item.sender
