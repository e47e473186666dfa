"""Topics and the requests of publish and subscribe. No I/O."""

from datetime import datetime
from hashlib import blake2b
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from app.topics.names import LONGEST

MAX_INTEGER = 2**53 - 1
DATA_BYTES = 65_536
KEPT_AT_MOST = 10_000
YEAR_S = 365 * 86_400
CURSORS_AT_ONCE = 200

Who = Literal["members", "admins"]
Rev = Annotated[int, Meta(ge=0, le=MAX_INTEGER)]
Named = Annotated[str, Meta(min_length=1, max_length=LONGEST)]
ClientId = Annotated[str, Meta(min_length=1, max_length=64)]
Limit = Annotated[int, Meta(ge=1, le=200)]


class Keep(Struct, frozen=True, kw_only=True):
    """How many of the newest events are served, and how old one may be, in seconds."""

    count: Annotated[int, Meta(ge=1, le=KEPT_AT_MOST)] | None = None
    age_s: Annotated[int, Meta(ge=1, le=YEAR_S)] | None = None


class Topic(Struct, frozen=True, kw_only=True):
    """A topic. Admins can change `keep`, `read` and `publish`."""

    name: str
    creator: str
    created_at: datetime
    changed_at: datetime
    keep: Keep = Keep()
    ephemeral: bool = False
    read: Who = "members"
    publish: Who = "members"
    is_gone: bool = False

    @property
    def stream(self) -> str:
        return stream_of(self.name)


class Create(Struct, kw_only=True):
    """`create`, and `POST /api/topics`."""

    topic: Named
    keep: Keep = Keep()
    ephemeral: bool = False
    read: Who = "members"
    publish: Who = "members"


class NewSettings(Struct, kw_only=True):
    """`PATCH /api/topics/{topic}`: settings that are left out stay."""

    keep: Keep | UnsetType = UNSET
    read: Who | UnsetType = UNSET
    publish: Who | UnsetType = UNSET


class Update(NewSettings, kw_only=True):
    topic: Named


class Subscribe(Struct, kw_only=True):
    """`topic` is a name, or a pattern such as `sensors.*`, which takes `cursors` by name."""

    topic: Named
    cursor: Rev | None = None
    cursors: Annotated[dict[Named, Rev], Meta(max_length=CURSORS_AT_ONCE)] = {}


class OfTopic(Struct, kw_only=True):
    topic: Named


class NewEvent(Struct, kw_only=True):
    """`POST /api/topics/{topic}/events`."""

    data: Any
    client_id: ClientId | None = None


class Publish(NewEvent, kw_only=True):
    topic: Named


class PageOfEvents(Struct, kw_only=True):
    """`GET /api/topics/{topic}/events`: the newest, or those between two exclusive seqs."""

    before: Rev | None = None
    after: Rev | None = None
    limit: Limit = 100


def stream_of(name: str) -> str:
    """The stream that holds the events of the topic `name`."""
    return f"topic:{name}"


def name_of(stream: str) -> str:
    """The topic whose events a stream holds."""
    return stream.removeprefix("topic:")


def fingerprint(data: str) -> bytes:
    """A hash of an event's JSON: the same `client_id` with another hash is a conflict."""
    return blake2b(data.encode(), digest_size=16).digest()


def settings_document(
    keep: Keep | UnsetType, read: Who | UnsetType, publish: Who | UnsetType
) -> dict[str, Any]:
    """The document's fields for the settings that are given."""
    document: dict[str, Any] = {"read": read, "publish": publish}
    if keep is not UNSET:
        document |= {"count": keep.count, "age_s": keep.age_s}
    return {name: value for name, value in document.items() if value is not UNSET}
