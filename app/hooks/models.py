"""Webhooks: what posts into Parley, and what Parley posts to. No I/O."""

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

# Of each direction: what one person can have made, and what this server takes in all. The last
# places are kept for admins.
OF_A_MEMBER, OF_AN_ADMIN, IN_ALL = 20, 100, 1_000
ADDRESS_CHARACTERS = 2_000

Direction = Literal["incoming", "outgoing"]
StopReason = Literal["demoted", "disabled", "deleted", "outside", "restored"]

# Why a hook stopped, for those who can adopt it.
STOPPED: dict[StopReason, str] = {
    "demoted": "the person who made it is no longer an admin",
    "disabled": "the account of the person who made it is disabled",
    "deleted": "the account of the person who made it is deleted",
    "outside": "the person who made it is no longer in the room",
    "restored": "a backup was restored, and it may have been deleted since",
}


class Place(Struct, frozen=True, kw_only=True):
    """Where a hook posts to or listens: a room, by its id, or a topic, by its name."""

    kind: Literal["room", "topic"]
    id: str

    @property
    def stream(self) -> str:
        return stream_of_room(self.id) if self.kind == "room" else stream_of_topic(self.id)

    @property
    def shown(self) -> dict[str, str]:
        """`{room}` or `{topic}`."""
        return {self.kind: self.id}


class Base(Struct, frozen=True, kw_only=True):
    """The fields of both kinds. A hook acts with the present rights of `by`, its maker.

    `off` is a person's choice, or that of the receiver. `stopped` says which right the maker lost:
    from then on the hook does nothing until somebody who could make it adopts it, also if the
    maker gets the right back.
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
    """A program that knows its secret posts in `place`. `used` is about when that was last done."""

    used: datetime | None = None

    @property
    def shown_as(self) -> User:
        """The sender of what the hook writes: a name without an account and without rights."""
        return User(id=self.id, username=f"hook-{self.id}", name=self.name, is_bot=True)


class Held(Struct, frozen=True, kw_only=True):
    """Which process delivers at present: `by` is made anew by each, `process` its name."""

    by: str
    process: str
    until: datetime


class OutgoingHook(Base, frozen=True, kw_only=True):
    """What happens in `place` is posted to `url`, signed with `secret`.

    Everything up to the rev `cursor` was taken there; `pending` ends the delivery that is under
    way or is tried again. While it fails, `failures` counts since `failing_since`, and nothing is
    tried before `retry_at`. `reason` says why it failed last, or why it is `off`.
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


class NewHook(Struct, kw_only=True):
    """`POST /api/hooks`: in one room or one topic; an outgoing one to a `url`."""

    direction: Direction
    name: Medium
    room: Reference | None = None
    topic: Named | None = None
    url: Annotated[str, Meta(min_length=1, max_length=ADDRESS_CHARACTERS)] | None = None


def check_parts(asked: NewHook) -> None:
    """Raises Invalid where parts are missing, or contradict each other."""
    if (asked.room is None) == (asked.topic is None):
        raise Invalid("Name one room or one topic.", field="room")
    if asked.direction == "outgoing" and asked.url is None:
        raise Invalid("Say where to post to.", field="url")
    if asked.direction == "incoming" and asked.url is not None:
        raise Invalid("Only an outgoing webhook has an address to post to.", field="url")


def direction_of(hook: Hook) -> Direction:
    return "incoming" if isinstance(hook, IncomingHook) else "outgoing"


def shown(hook: Hook) -> dict[str, Any]:
    """What those who decide on it are told of it. Never the secret."""
    told: dict[str, Any] = {
        "id": hook.id,
        "direction": direction_of(hook),
        "name": hook.name,
        **hook.place.shown,
        "by": hook.by,
        "created_at": rfc3339(hook.created),
        "off": not hook.is_on,
    }
    if isinstance(hook, IncomingHook):
        told |= _times(used_at=hook.used)
    else:
        told |= {"url": hook.url, "cursor": hook.cursor, "failures": hook.failures}
        told |= {"reason": hook.reason} if hook.reason else {}
        told |= _times(worked_at=hook.worked, failed_at=hook.failed, retry_at=hook.retry_at)
    return told | _stopped(hook)


def _stopped(hook: Hook) -> dict[str, Any]:
    """Nothing for a hook that may act; else the reason as a word and as a sentence."""
    if hook.stopped is None:
        return {}
    told = {"stopped": hook.stopped, "reason": STOPPED[hook.stopped]}
    return told | _times(stopped_at=hook.stopped_at)


def _times(**moments: datetime | None) -> dict[str, str]:
    return {name: rfc3339(at) for name, at in moments.items() if at is not None}
