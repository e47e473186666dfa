"""Sends notifications for programs and admins: checks their right, the text, the recipients."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Literal

from msgspec import Meta, Struct

from app.accounts.models import Caller
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.errors import Forbidden, Invalid, NotFound, Unauthenticated
from app.notifications.links import is_good_link
from app.notifications.models import (
    BODY_CHARACTERS,
    LINK_CHARACTERS,
    RECIPIENTS_AT_ONCE,
    TITLE_CHARACTERS,
    Category,
    Notice,
    Reference,
)
from app.notifications.sender import NotificationSender, Sent
from app.text_checks import must_be_visible, must_keep_direction
from app.web.idempotency import client_id_of

SCOPE = "notifications:send"
USERS_AT_ONCE = 500
KEY_CHARACTERS = 200
ANNOUNCEMENT: Category = "announcement"


class SendNotification(Struct, kw_only=True):
    """`POST /api/notifications`, with one of `user_id`, `user_ids` (ids or usernames) and `all`."""

    title: Annotated[str, Meta(max_length=TITLE_CHARACTERS)]
    body: Annotated[str, Meta(max_length=BODY_CHARACTERS)] = ""
    category: Category = "system"
    link: Annotated[str, Meta(max_length=LINK_CHARACTERS)] | None = None
    group: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    user_id: Reference | None = None
    user_ids: (
        Annotated[list[Reference], Meta(min_length=1, max_length=RECIPIENTS_AT_ONCE)] | None
    ) = None
    all: Literal[True] | None = None
    idempotency_key: Annotated[str, Meta(min_length=1, max_length=KEY_CHARACTERS)] | None = None


def stored_key(key: str) -> str:
    """The `idempotency_key` for the key of a header: the same one if a body could hold it."""
    is_storable = key.isascii() and key.isprintable() and len(key) <= KEY_CHARACTERS
    return key if is_storable else client_id_of(key)


class AuthorizedSender:
    """`check(text, field)` raises Invalid for text that the content policy refuses."""

    def __init__(
        self,
        sender: NotificationSender,
        users: Users,
        check: Callable[[str, str], None],
        audit: AuditTrail,
    ) -> None:
        self._sender = sender
        self._users = users
        self._check = check
        self._audit = audit

    async def post(self, caller: Caller, asked: SendNotification) -> Sent:
        """Send it; an announcement, or what goes to everyone, is audited.

        Raises Forbidden, Invalid, NotFound (naming the field), Conflict, Unavailable.
        """
        if not asked.all and asked.category != ANNOUNCEMENT:
            return await self._post(caller, asked)
        async with self._audit.action("announcement", caller):
            return await self._post(caller, asked)

    async def _post(self, caller: Caller, asked: SendNotification) -> Sent:
        must_be_sender(caller)
        notice = notice_of(asked, caller)
        for field, text in (("title", asked.title), ("body", asked.body)):
            self._check(text, field)
        key = f"key:{asked.idempotency_key}" if asked.idempotency_key else None
        if asked.all:
            _must_be_only(asked)
            return await self._sender.send_to_all(notice, key, caller.user.id, proof_of(caller))
        to = await self._recipients(asked)
        return await self._sender.send(to, notice, key, caller.user.id, proof_of(caller))

    async def _recipients(self, asked: SendNotification) -> list[str]:
        _must_be_only(asked)
        if asked.user_id is not None:
            return await self._found([asked.user_id], "user_id")
        return await self._found(asked.user_ids or [], "user_ids")

    async def _found(self, references: Sequence[str], field: str) -> list[str]:
        """The ids of these people, each once; usernames are accepted, too."""
        found: dict[str, None] = {}
        for start in range(0, len(references), USERS_AT_ONCE):
            some = references[start : start + USERS_AT_ONCE]
            known = await self._users.many(some)
            for reference in some:
                user = known.get(reference)
                if user is None or user.is_deleted:
                    found[await self._by_name(reference, field)] = None
                else:
                    found[user.id] = None
        return list(found)

    async def _by_name(self, reference: str, field: str) -> str:
        try:
            return (await self._users.find(reference)).id
        except NotFound as error:
            raise NotFound(error.message, field=field) from None


def must_be_sender(caller: Caller) -> None:
    """Raises Forbidden unless the caller is an admin whose token is not narrowed to other scopes,
    or holds a token with exactly this scope that its owner may still have."""
    if not caller.holds(SCOPE) and not (caller.user.is_admin and caller.may(SCOPE)):
        raise Forbidden("Only an admin, or a token with this right, can send notifications.")


def proof_of(caller: Caller) -> str | None:
    """The id of the token that gives the right to send; None for a session."""
    return caller.token if caller.session is None else None


class SendRights:
    """Asks again for the sender's right while a broadcast is worked off.

    `caller_of` finds the caller of a token's id, and raises Unauthenticated if the token has ended.
    """

    def __init__(self, users: Users, caller_of: Callable[[str], Awaitable[Caller]]) -> None:
        self._users = users
        self._caller_of = caller_of

    async def may_send(self, user_id: str, token: str | None) -> bool:
        """Whether this person, or their token of this id, may send at this moment."""
        try:
            if token is None:
                return (await self._users.get(user_id)).is_acting_admin
            must_be_sender(await self._caller_of(token))
        except (Forbidden, NotFound, Unauthenticated):
            return False
        return True


def notice_of(asked: SendNotification, caller: Caller) -> Notice:
    """The notice, with the caller as its actor. Raises Invalid."""
    must_be_visible(asked.title, "A notification needs a title.", "title")
    must_keep_direction(asked.title, "title")
    if asked.link is not None and not is_good_link(asked.link):
        raise Invalid(
            "A link is a path on this server such as /rooms/hallway, or begins with https://.",
            field="link",
        )
    return Notice(
        title=asked.title.strip(),
        body=asked.body,
        category=asked.category,
        link=asked.link,
        group=asked.group,
        actor=caller.user.id,
    )


def _must_be_only(asked: SendNotification) -> None:
    named = [n for n in ("user_id", "user_ids", "all") if getattr(asked, n) is not None]
    if len(named) != 1:
        raise Invalid(
            "Say to whom: exactly one of user_id, user_ids and all.",
            field=named[1] if named else "user_id",
        )
