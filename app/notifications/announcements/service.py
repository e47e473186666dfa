"""Announcements of admins to everyone or to some people: preview, send, list."""

from collections.abc import Callable, Sequence
from datetime import datetime

from msgspec import Struct

from app.accounts.models import Caller
from app.accounts.rights import must_be_admin
from app.accounts.users import Users
from app.audit.trail import AuditTrail
from app.errors import Invalid, NotFound
from app.lengths import Long, Medium, Short
from app.notifications.announcements.store import AnnouncementStore
from app.notifications.authorized_sender import (
    ANNOUNCEMENT,
    AuthorizedSender,
    SendNotification,
    notice_of,
)
from app.notifications.models import RECIPIENTS_AT_ONCE
from app.web import decoding

SHOWN = 50


class Draft(Struct, kw_only=True):
    """The fields of the form. `people`: usernames with spaces or commas between them."""

    title: Medium = ""
    body: Long = ""
    link: Medium = ""
    to: Short = "all"
    people: Long = ""

    @property
    def usernames(self) -> list[str]:
        """The usernames in `people`, each once, in their order."""
        written = self.people.replace(",", " ").replace(";", " ").split()
        return list(dict.fromkeys(name.removeprefix("@") for name in written))


class Announcement(Struct, frozen=True, kw_only=True):
    """An announcement that was sent to `count` people by the person with the name `by`."""

    title: str
    body: str
    at: datetime
    by: str
    count: int


class Announcements:
    """A draft is previewed before it is sent, because an announcement can't be taken back."""

    def __init__(
        self,
        authorized_sender: AuthorizedSender,
        users: Users,
        store: AnnouncementStore,
        new_id: Callable[[], str],
        audit: AuditTrail,
    ) -> None:
        self._authorized_sender = authorized_sender
        self._users = users
        self._store = store
        self._new_id = new_id
        self._audit = audit

    def new_key(self) -> str:
        """A key for one form: sending it twice with this key sends once."""
        return self._new_id()

    async def reach(self, caller: Caller, draft: Draft) -> int:
        """The number of people it would go to. Attempts of people who are not admins are audited.

        Raises Unauthenticated, Forbidden, Invalid, NotFound (with the field).
        """
        async with self._audit.refusals("announcement", caller):
            must_be_admin(caller)
        notice_of(_post(draft, None), caller)
        if draft.to == "all":
            return sum([not user.is_disabled async for user in self._users.everyone()])
        return len(await self._named(draft.usernames))

    async def send(self, caller: Caller, draft: Draft, key: str) -> int:
        """Send it; return the number of recipients. Raises as `reach`, Conflict, Unavailable."""
        await self.reach(caller, draft)
        sent = await self._authorized_sender.post(caller, _post(draft, key))
        return len(sent.ids)

    async def sent(self) -> list[Announcement]:
        """The 50 latest, newest first."""
        found = await self._store.newest(ANNOUNCEMENT, SHOWN)
        names = await self._users.many({each["sender"] for each in found})
        whole: dict[str, Announcement] = {}
        for each in found:
            before = whole.get(each["key"])
            author = names.get(each["sender"])
            whole[each["key"]] = Announcement(
                title=each["title"],
                body=each["body"],
                at=each["at"],
                by=author.name if author else "somebody",
                count=each["count"] + (before.count if before else 0),
            )
        return list(whole.values())

    async def _named(self, usernames: Sequence[str]) -> list[str]:
        if not usernames:
            raise Invalid("Name at least one person.", field="people")
        if len(usernames) > RECIPIENTS_AT_ONCE:
            raise Invalid(f"Name {RECIPIENTS_AT_ONCE} people at most.", field="people")
        return list(dict.fromkeys([(await self._user(name)) for name in usernames]))

    async def _user(self, username: str) -> str:
        try:
            return (await self._users.find(username)).id
        except NotFound:
            raise Invalid(f"There is nobody called “{username}”.", field="people") from None


def _post(draft: Draft, key: str | None) -> SendNotification:
    """The request that a program would send, so that the same rules hold."""
    fields: dict[str, object] = {
        "title": draft.title,
        "body": draft.body.replace("\r\n", "\n").strip(),
        "category": ANNOUNCEMENT,
        "link": draft.link.strip() or None,
        "idempotency_key": key,
    }
    fields |= {"all": True} if draft.to == "all" else {"user_ids": draft.usernames or ["nobody"]}
    return decoding.from_value(fields, SendNotification)
