"""Sending, editing, deleting and reacting: the rules, and the changes they become."""

from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Executor

import emoji
from msgspec.structs import replace

from app.accounts.models import User
from app.accounts.users import Users
from app.chat.access import Access, still
from app.chat.changes import Changes
from app.chat.markdown import Names, render_aside
from app.chat.models import DeleteMessage, EditMessage, React, SendMessage
from app.chat.turns import Turns
from app.chat.view import RoomView
from app.errors import Forbidden, Invalid, NotFound, TooLarge
from app.streams.committer import Committer
from app.streams.log import Log
from app.streams.models import Amendment, Committed, Item
from app.times import rfc3339

TEXT_BYTES = 65_536
REACTIONS_PER_MESSAGE = 50


class Messages:
    """What members write. `allow` raises RateLimited for someone who writes too much."""

    def __init__(
        self,
        access: Access,
        users: Users,
        reads: Log,
        committer: Committer,
        changes: Changes,
        executor: Executor,
        allow: Callable[[User], None],
    ) -> None:
        self._access = access
        self._users = users
        self._reads = reads
        self._committer = committer
        self._changes = changes
        self._executor = executor
        self._allow = allow
        self._turns = Turns()

    async def send(self, caller: User, request: SendMessage) -> Committed:
        """Commit a message; a repeat of `client_id` gets the first result."""
        text = checked_text(request.text)
        with self._turns.take(caller.id) as turn:
            view = await self._access.writable(caller, request.room)
            self._allow(caller)
            if request.reply_to is not None:
                await self._must_exist(view, request.reply_to)
            body = await self._body(view, text)
            if request.reply_to is not None:
                body["reply_to"] = request.reply_to
            change = self._changes.message(
                view.room, caller, body, client_id=request.client_id, guard=still(view, caller)
            )
            await turn.comes()
            committed = self._committer.take(change)
        return await committed

    async def _must_exist(self, view: RoomView, item_id: str) -> None:
        if await self._reads.item(view.room.stream, item_id) is None:
            raise Invalid("The message you answer is not in this room.", field="reply_to")

    async def _body(self, view: RoomView, text: str) -> dict[str, object]:
        names = await self._names(view) if "@" in text else {}
        html, mentions = await render_aside(text, names, self._executor)
        return {"text": text, "html": html, "mentions": mentions}

    async def _names(self, view: RoomView) -> Names:
        """The members by username, as a mention finds them."""
        missing = [user_id for user_id in view.members if self._users.known(user_id) is None]
        if missing:
            await self._users.load(missing)
        known = filter(None, map(self._users.known, view.members))
        return {user.username: (user.id, user.name) for user in known if not user.is_deleted}

    async def edit(self, caller: User, request: EditMessage) -> Committed:
        """New text for a message of mine, or of anyone for an admin."""
        text = checked_text(request.text)
        with self._turns.take(caller.id) as turn:
            view = await self._access.writable(caller, request.room)
            self._allow(caller)
            content = await self._body(view, text)
            content["edited_at"] = rfc3339(self._changes.now())

            def amend(item: Item) -> Item:
                must_be_own(item, caller)
                return replace(item, body=item.body | content)

            asked, client_id = ("edit", text), request.client_id
            await turn.comes()
            committed = self._amend(view, caller, request.id, amend, asked, client_id)
        return await committed

    async def delete(self, caller: User, request: DeleteMessage) -> Committed:
        """Leave a tombstone where a message was."""

        def amend(item: Item) -> Item:
            must_be_own(item, caller)
            return replace(item, body={"name": item.body.get("name", "")}, deleted=True)

        with self._turns.take(caller.id) as turn:
            view = await self._access.writable(caller, request.room)
            await turn.comes()
            committed = self._amend(view, caller, request.id, amend, ("delete",))
        return await committed

    async def react(self, caller: User, request: React, *, add: bool) -> Committed:
        """Add or take back one of my reactions; what is so already stays as it is."""
        if not emoji.is_emoji(request.emoji):
            raise Invalid("A reaction is one emoji.", field="emoji")

        def amend(item: Item) -> Item:
            must_be_message(item)
            before: Mapping[str, list[str]] = item.body.get("reactions", {})
            after = reacted(before, request.emoji, caller.id, add)
            return item if after == before else replace(item, body=item.body | {"reactions": after})

        asked = ("add" if add else "remove", request.emoji)
        with self._turns.take(caller.id) as turn:
            view = await self._access.writable(caller, request.room)
            self._allow(caller)
            await turn.comes()
            committed = self._amend(view, caller, request.id, amend, asked)
        return await committed

    def _amend(
        self,
        view: RoomView,
        caller: User,
        item_id: str,
        amend: Amendment,
        asked: tuple[object, ...],
        client_id: str | None = None,
    ) -> Awaitable[Committed]:
        return self._committer.take(
            self._changes.amendment(
                view.room,
                caller,
                item_id,
                amend,
                asked=asked,
                client_id=client_id,
                guard=still(view, caller),
            )
        )


def checked_text(text: str) -> str:
    """The text of a message. Raises TooLarge, or Invalid for what shows nothing."""
    if len(text.encode()) > TEXT_BYTES:
        raise TooLarge(
            f"A message has at most {TEXT_BYTES:,} bytes; this one is longer.", field="text"
        )
    if "\0" in text:
        raise Invalid("A message can't hold the character NUL.", field="text")
    if not text.strip():
        raise Invalid("Write something first.", field="text")
    return text


def must_be_message(item: Item) -> None:
    if item.deleted:
        raise NotFound("This message was deleted.")
    if item.body.get("system"):
        raise Forbidden("What the room itself says can't be changed.")


def must_be_own(item: Item, caller: User) -> None:
    must_be_message(item)
    if item.sender != caller.id and not caller.is_admin:
        raise Forbidden("Only its author or an admin can change a message.")


def reacted(
    before: Mapping[str, list[str]], symbol: str, user_id: str, add: bool
) -> dict[str, list[str]]:
    """The reactions of a message after one of `user_id`. Raises Invalid beyond 50 symbols."""
    others = [u for u in before.get(symbol, []) if u != user_id]
    if add and user_id in before.get(symbol, []):
        return dict(before)
    users = [*others, user_id] if add else others
    if add and symbol not in before and len(before) >= REACTIONS_PER_MESSAGE:
        raise Invalid("This message has all the reactions it can hold.", field="emoji")
    after = {**before, symbol: users}
    return {s: u for s, u in after.items() if u}
