"""The message that the servers without a database send: `servers/node.mjs` makes the same.

With the benchmark's text of 85 bytes the frame of the short form has 234; the long form has all
fields that Parley's message has.
"""

from datetime import UTC, datetime
from typing import Any


def short(number: int, room: str, text: str) -> dict[str, Any]:
    """The fields that a chat can't do without."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    name = f"{number:024x}"
    return {"id": name, "room": room, "seq": number, "at": at, "by": "person-1", "text": text}


def long(number: int, room: str, text: str) -> dict[str, Any]:
    """All fields of Parley's message."""
    message = short(number, room, text)
    return {
        "id": message["id"],
        "room": room,
        "seq": number,
        "rev": number,
        "client_id": message["id"],
        "at": message["at"],
        "by": {"id": message["id"], "name": "Person-1"},
        "text": text,
        "html": f"<p>{text}</p>",
        "mentions": [],
        "reactions": {},
    }
