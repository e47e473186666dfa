"""`@here` and `@everyone`: mentions of many members at once. No I/O.

In a large room a message keeps the names of the groups that it calls, not the ids of all members.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from app.chat.markup.mentions import Names

HERE, EVERYONE = "@here", "@everyone"
GROUP_NAMES: Names = {"here": (HERE, "here"), "everyone": (EVERYONE, "everyone")}
GROUPS = {EVERYONE: "everyone", HERE: "here"}
# The people whom one message mentions one by one.
NAMED_AT_MOST = 100


def expand(mentions: Iterable[str], members: Collection[str], online: Iterable[str]) -> list[str]:
    """The ids of the people in `mentions`, each once, with groups replaced by their members.

    `@everyone` stands for all `members`, `@here` for those of them who are `online`.
    """
    people: dict[str, None] = {}
    for mention in mentions:
        if mention == EVERYONE:
            people |= dict.fromkeys(members)
        elif mention == HERE:
            people |= dict.fromkeys(user_id for user_id in online if user_id in members)
        else:
            people[mention] = None
    return list(people)


def named(mentions: Iterable[str]) -> list[str]:
    """Those of `mentions` who are named one by one, at most 100."""
    return [mention for mention in mentions if mention not in GROUPS][:NAMED_AT_MOST]


def groups(mentions: Iterable[str]) -> list[str]:
    """The groups among `mentions`, by the names that go to clients."""
    return [GROUPS[mention] for mention in mentions if mention in GROUPS]


def groups_in(html: str) -> list[str]:
    """The groups that a stored HTML mentions."""
    return groups(group for group in GROUPS if f'data-user="{group}"' in html)


def mentions_of(body: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """`(ids, groups)` of a stored message. Messages of earlier versions in large rooms have the ids
    of all members whom a group stood for: these are left out."""
    ids: Sequence[str] = body.get("mentions", ())
    called: Sequence[str] = body.get("mention_groups", ())
    if len(ids) > NAMED_AT_MOST:
        html = body.get("html", "")
        called = called or groups_in(html)
        ids = [user_id for user_id in ids if f'data-user="{user_id}"' in html][:NAMED_AT_MOST]
    return ids, called
