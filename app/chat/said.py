"""What the room says itself, in words. No I/O.

Made anew whenever it is shown, so it follows a new name and forgets that of a former member.
"""

from collections.abc import Mapping
from typing import Any

SENTENCES = {
    "created": "{by} created the room",
    "started": "Conversation started",
    "joined": "{user} joined",
    "invited": "{by} added {user}",
    "left": "{user} left",
    "removed": "{by} removed {user}",
    "renamed": "{by} renamed the room to {name}",
    "topic": "{by} set the topic: {topic}",
    "no topic": "{by} removed the topic",
    "archived": "{by} archived the room",
}


def said(system: Mapping[str, Any], by: str, user: str) -> str:
    """The sentence of a system entry; `by` did it, `user` is whom it is about."""
    kind, fields = system["kind"], system.get("fields", {})
    if kind == "created" and system.get("direct"):
        kind = "started"
    if kind == "topic" and not fields["topic"]:
        kind = "no topic"
    return SENTENCES[kind].format(by=by, user=user, **fields)
