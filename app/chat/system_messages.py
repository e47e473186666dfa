"""System messages: what a room says itself, such as "Ana joined". No I/O.

They are worded anew whenever they are shown, with the present names of people.
"""

from collections.abc import Callable, Mapping
from html import escape
from typing import NotRequired, TypedDict

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
    "unarchived": "{by} opened the room again",
}


class MemberProfile(TypedDict):
    """Stored with a message about a member, for nodes that have not loaded the account yet."""

    username: str
    name: str


class System(TypedDict):
    """The stored form of a system message; `kind` is one of `SENTENCES`.

    `user` is the id of the person it is about, `fields` are the new values of the room's fields,
    `read_seq` is the seq up to which a new member has nothing unread.
    """

    kind: str
    user: NotRequired[str]
    by: NotRequired[str]
    member: NotRequired[MemberProfile]
    fields: NotRequired[Mapping[str, str | bool]]
    read_seq: NotRequired[int]
    direct: NotRequired[bool]


def text_and_html(system: System, by: str, user: str) -> tuple[str, str]:
    """The sentence of a system message as text and as HTML.

    `by` is the name of the person who did it, `user` of the one it is about.
    """
    return _sentence(system, by, user, str), _sentence(system, by, user, _isolated)


def _sentence(system: System, by: str, user: str, shown: Callable[[str], str]) -> str:
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
