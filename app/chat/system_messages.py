"""What the room says itself, in words. No I/O.

Made anew whenever it is shown, so it follows a new name and forgets that of a former member.
"""

from collections.abc import Callable, Mapping
from html import escape
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


def text_of(system: Mapping[str, Any], by: str, user: str) -> str:
    """The sentence of a system entry; `by` did it, `user` is whom it is about."""
    return _sentence(system, by, user, str)


def text_and_html(system: Mapping[str, Any], by: str, user: str) -> dict[str, str]:
    """The text and html of a system entry."""
    return {"text": text_of(system, by, user), "html": _sentence(system, by, user, _isolated)}


def _sentence(system: Mapping[str, Any], by: str, user: str, shown: Callable[[str], str]) -> str:
    kind, fields = system["kind"], system.get("fields", {})
    if kind == "created" and system.get("direct"):
        kind = "started"
    if kind == "topic" and not fields["topic"]:
        kind = "no topic"
    words = {"by": by, "user": user, **fields}
    return SENTENCES[kind].format(
        **{name: shown(each) for name, each in words.items() if isinstance(each, str)}
    )


def _isolated(words: str) -> str:
    """Words that somebody typed, which run in their own direction within the sentence."""
    return f"<bdi>{escape(words)}</bdi>"
