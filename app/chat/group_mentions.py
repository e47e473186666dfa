"""`@here` and `@everyone`: mentions of many members at once. No I/O."""

from collections.abc import Collection, Iterable

from app.chat.markup.mentions import Names

HERE, EVERYONE = "@here", "@everyone"
GROUP_NAMES: Names = {"here": (HERE, "here"), "everyone": (EVERYONE, "everyone")}


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
