"""Webhooks: incoming ones, which post to Parley, and outgoing ones, which Parley posts to."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import Meta, Struct

from app.accounts.models import User
from app.chat.models import Reference
from app.chat.models import stream_of as stream_of_room
from app.errors import Invalid
from app.lengths import Medium
from app.times import rfc3339
from app.topics.models import Named
from app.topics.models import stream_of as stream_of_topic
from app.translation_marks import N_

# Limits of each direction: of one person, and of the server. The last 100 are kept for admins.
OF_A_MEMBER, OF_AN_ADMIN, IN_ALL = 20, 100, 1_000
ADDRESS_CHARACTERS = 2_000

Direction = Literal["incoming", "outgoing"]
StopReason = Literal["demoted", "disabled", "deleted", "outside", "restored"]

# The reasons in words, for those who can adopt the hook.
STOPPED: dict[StopReason, str] = {
    "demoted": N_("the person who made it is no longer an admin"),
    "disabled": N_("the account of the person who made it is disabled"),
    "deleted": N_("the account of the person who made it is deleted"),
    "outside": N_("the person who made it is no longer in the room"),
    "restored": N_("a backup was restored, and it may have been deleted since"),
}


class Place(Struct, frozen=True, kw_only=True):
    """The room (by id) or topic (by name) that a hook posts to or delivers from."""

    kind: Literal["room", "topic"]
    id: str

    @property
    def stream(self) -> str:
        return stream_of_room(self.id) if self.kind == "room" else stream_of_topic(self.id)

    @property
    def wire(self) -> dict[str, str]:
        """`{room}` or `{topic}`."""
        return {self.kind: self.id}


class Base(Struct, frozen=True, kw_only=True):
    """The fields of both kinds. A hook acts with the present rights of `by`, its maker.

    `off`: a person turned it off, or its receiver is gone. `stopped`: the right that the maker
    lost. A stopped hook does nothing until a person who could make it adopts it, even if the maker
    gets the right back.
    """

    id: str
    name: str
    place: Place
    by: str
    created: datetime
    off: bool = False
    stopped: StopReason | None = None
    stopped_at: datetime | None = None

    @property
    def is_on(self) -> bool:
        return not self.off and self.stopped is None


class IncomingHook(Base, frozen=True, kw_only=True):
    """Posts from a program that knows the secret go to `place`. `used`: the last time, roughly."""

    used: datetime | None = None

    @property
    def shown_as(self) -> User:
        """The sender of the hook's messages: a name without an account or rights."""
        return User(id=self.id, username=f"hook-{self.id}", name=self.name, is_bot=True)


class Held(Struct, frozen=True, kw_only=True):
    """A lease up to `until`: `by` is the id of a process, `process` its name in the database."""

    by: str
    process: str
    until: datetime


class OutgoingHook(Base, frozen=True, kw_only=True):
    """Entries of `place` are posted to `url`, signed with `secret`.

    The receiver has everything up to the rev `cursor`; the delivery under way ends at `pending`.
    `failures` in a row began at `failing_since`, and the next attempt is not before `retry_at`.
    `reason` says why the last attempt failed, or why the hook is `off`.
    """

    url: str
    secret: str
    cursor: int
    pending: int | None = None
    failures: int = 0
    failing_since: datetime | None = None
    retry_at: datetime | None = None
    worked: datetime | None = None
    failed: datetime | None = None
    reason: str = ""
    held: Held | None = None


Hook = IncomingHook | OutgoingHook

WireHook = dict[str, Any]
"""A webhook in the form of docs/PROTOCOL.md."""


class NewHook(Struct, kw_only=True):
    """`POST /api/hooks`: for one room or one topic; an outgoing hook posts to `url`."""

    direction: Direction
    name: Medium
    room: Reference | None = None
    topic: Named | None = None
    url: Annotated[str, Meta(min_length=1, max_length=ADDRESS_CHARACTERS)] | None = None


def check_parts(asked: NewHook) -> None:
    """Raises Invalid where fields are missing or contradict each other."""
    if (asked.room is None) == (asked.topic is None):
        raise Invalid("Name one room or one topic.", field="room")
    if asked.direction == "outgoing" and asked.url is None:
        raise Invalid("Say where to post to.", field="url")
    if asked.direction == "incoming" and asked.url is not None:
        raise Invalid("Only an outgoing webhook has an address to post to.", field="url")


def direction_of(hook: Hook) -> Direction:
    return "incoming" if isinstance(hook, IncomingHook) else "outgoing"


def to_wire(hook: Hook) -> WireHook:
    """The wire form, for those who decide on the hook. It never holds the secret."""
    wire: WireHook = {
        "id": hook.id,
        "direction": direction_of(hook),
        "name": hook.name,
        **hook.place.wire,
        "by": hook.by,
        "created_at": rfc3339(hook.created),
        "off": not hook.is_on,
    }
    if isinstance(hook, IncomingHook):
        wire |= _times(used_at=hook.used)
    else:
        wire |= {"url": hook.url, "cursor": hook.cursor, "failures": hook.failures}
        wire |= {"reason": hook.reason} if hook.reason else {}
        wire |= _times(worked_at=hook.worked, failed_at=hook.failed, retry_at=hook.retry_at)
    return wire | _stopped(hook)


def _stopped(hook: Hook) -> WireHook:
    """The reason as a word and as a sentence; nothing for a hook that has not stopped."""
    if hook.stopped is None:
        return {}
    why = {"stopped": hook.stopped, "reason": STOPPED[hook.stopped]}
    return why | _times(stopped_at=hook.stopped_at)


def _times(**moments: datetime | None) -> dict[str, str]:
    return {name: rfc3339(at) for name, at in moments.items() if at is not None}
