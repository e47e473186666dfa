"""`@here` and `@everyone`: mentions that mean the people of a room. No I/O."""

from collections.abc import Collection, Iterable

from app.chat.markup.mentions import Names

HERE, EVERYONE = "@here", "@everyone"
GROUP_NAMES: Names = {"here": (HERE, "here"), "everyone": (EVERYONE, "everyone")}


def expand(mentions: Iterable[str], members: Collection[str], online: Iterable[str]) -> list[str]:
    """The ids of those whom `mentions` mean, each once; calls stand for members."""
    people: dict[str, None] = {}
    for mention in mentions:
        if mention == EVERYONE:
            people |= dict.fromkeys(members)
        elif mention == HERE:
            people |= dict.fromkeys(user_id for user_id in online if user_id in members)
        else:
            people[mention] = None
    return list(people)
