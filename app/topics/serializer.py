"""The wire form of topics and their events (see docs/PROTOCOL.md)."""

from collections.abc import Iterable
from typing import Any, TypedDict

import msgspec

from app.realtime.server_event import Event
from app.streams.models import Batch, Body, Item
from app.streams.portions import parts
from app.times import rfc3339
from app.topics.models import Topic, name_of

Shown = dict[str, Any]


class WireEvent(TypedDict):
    """An event on the wire; `data` is any JSON, `sender` the id of a user or a webhook."""

    id: str
    seq: int
    rev: int
    topic: str
    data: Any
    timestamp: str
    sender: str


def body_of(data: str) -> Body:
    """The stored body of an event. Its data stays JSON text: in a document, MongoDB would interpret
    names such as `$ref`, and round numbers."""
    return {"data": data}


def event_of(item: Item) -> WireEvent:
    """The wire form of an event."""
    return {
        "id": item.id,
        "seq": item.seq,
        "rev": item.rev,
        "topic": name_of(item.stream),
        "data": msgspec.json.decode(item.body["data"]),
        "timestamp": rfc3339(item.at),
        "sender": item.sender,
    }


def topic_of(topic: Topic, count: int) -> Shown:
    """The wire form of a topic; `count` is how many events it keeps."""
    shown: Shown = {
        "topic": topic.name,
        "ephemeral": topic.ephemeral,
        "read": topic.read,
        "publish": topic.publish,
        "created_at": rfc3339(topic.created_at),
    }
    if not topic.ephemeral:
        age = {"age_s": topic.keep.age_s} if topic.keep.age_s else {}
        shown["keep"] = {"count": count, **age}
    return shown


def live(batch: Batch) -> list[Event]:
    """A batch as client events, encoded once for all subscribers."""
    return batch.encoded("topics", lambda whole: list(map(_batch, parts(whole, weight))))


def passing(item: Item) -> Event:
    """The client event for an ephemeral event; with revs of 0, so that no cursor moves."""
    shown = event_of(item)
    payload = {"topic": shown["topic"], "prev": 0, "rev": 0, "items": [shown], "durable": False}
    return Event("events", payload, stream=item.stream)


def _batch(batch: Batch) -> Event:
    payload = {
        "topic": name_of(batch.stream),
        "prev": batch.prev,
        "rev": batch.rev,
        "items": [event_of(item) for item in batch.items],
    }
    return Event("events", payload, stream=batch.stream)


def weight(item: Item) -> int:
    """About how many bytes an event takes on the wire; used to keep frames short."""
    data: str = item.body.get("data", "")
    return 200 + len(item.stream) + (len(data) if data.isascii() else len(data.encode()))


def events_of(items: Iterable[Item]) -> list[WireEvent]:
    """The wire forms, in the order of `items`."""
    return [event_of(item) for item in items]
