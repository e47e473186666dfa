"""Reactions to a message: which emoji they are, and who gave them. No I/O."""

from collections.abc import Mapping
from functools import cache

import emoji

from app.errors import Invalid

# So many symbols, and so many people with all of them: each change tells everybody of all.
SYMBOLS_PER_MESSAGE, REACTIONS_PER_MESSAGE = 50, 5_000
# One person leaves room for the symbols of others.
SYMBOLS_PER_PERSON = 20

# They choose between a picture and a plain sign of the same emoji.
_STYLES = str.maketrans("", "", "\ufe0e\ufe0f")

Reactions = Mapping[str, list[str]]


def emoji_of(typed: str) -> str:
    """The emoji in the one spelling that Unicode calls fully qualified: ❤ and ❤️ are one, while
    skin tones stay different. Raises Invalid for what is not one emoji."""
    found = _spellings().get(typed.translate(_STYLES))
    if found is None:
        raise Invalid("A reaction is one emoji.", field="emoji")
    return found


@cache
def _spellings() -> dict[str, str]:
    """Each emoji by itself without the characters that choose its style."""
    whole = (emoji.STATUS["fully_qualified"], emoji.STATUS["component"])
    return {
        symbol.translate(_STYLES): symbol
        for symbol, about in emoji.EMOJI_DATA.items()
        if about["status"] in whole
    }


def grouped(reactions: Reactions) -> Reactions:
    """The reactions by emoji, each person once, where some were kept under another spelling."""
    spellings = _spellings()
    named = {symbol: spellings.get(symbol.translate(_STYLES), symbol) for symbol in reactions}
    if all(symbol == name for symbol, name in named.items()):
        return reactions
    groups: dict[str, dict[str, None]] = {}
    for symbol, users in reactions.items():
        groups.setdefault(named[symbol], {}).update(dict.fromkeys(users))
    return {symbol: list(users) for symbol, users in groups.items()}


def reacted(before: Reactions, symbol: str, user_id: str, add: bool) -> Reactions:
    """The reactions of a message after one of `user_id`. Raises Invalid where it is full."""
    before = grouped(before)
    users = before.get(symbol, [])
    if (user_id in users) == add:
        return before
    if not add:
        after = {**before, symbol: [u for u in users if u != user_id]}
        return {s: u for s, u in after.items() if u}
    is_full = symbol not in before and len(before) >= SYMBOLS_PER_MESSAGE
    if is_full or sum(map(len, before.values())) >= REACTIONS_PER_MESSAGE:
        raise Invalid("This message has all the reactions it can hold.", field="emoji")
    if sum(user_id in others for others in before.values()) >= SYMBOLS_PER_PERSON:
        raise Invalid(
            f"You gave this message {SYMBOLS_PER_PERSON} reactions; take one back first.",
            field="emoji",
        )
    return {**before, symbol: [*users, user_id]}
