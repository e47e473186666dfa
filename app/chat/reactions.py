"""Reactions to a message: emoji and the ids of those who gave them. No I/O."""

from collections.abc import Mapping
from functools import cache

import emoji

from app.errors import Invalid

# Each change of a message sends all of its reactions to everybody in the room.
SYMBOLS_PER_MESSAGE, REACTIONS_PER_MESSAGE = 50, 5_000
# The people whom an emoji of a message names in a large room.
NAMED = 50
# One person can't use up the symbols of a message.
SYMBOLS_PER_PERSON = 20

# Variation selectors: they choose between a picture and a plain sign of the same emoji.
_STYLES = str.maketrans("", "", "\ufe0e\ufe0f")

Reactions = Mapping[str, list[str]]


def emoji_of(typed: str) -> str:
    """The emoji in its fully qualified spelling: ❤ and ❤️ are one, skin tones stay different.

    Raises Invalid for anything but one emoji. Source: Unicode Technical Standard 51, section 2.
    """
    found = _spellings().get(typed.translate(_STYLES))
    if found is None:
        raise Invalid("A reaction is one emoji.", field="emoji")
    return found


@cache
def _spellings() -> dict[str, str]:
    """The fully qualified spelling of each emoji, by the emoji without variation selectors."""
    whole = (emoji.STATUS["fully_qualified"], emoji.STATUS["component"])
    return {
        symbol.translate(_STYLES): symbol
        for symbol, about in emoji.EMOJI_DATA.items()
        if about["status"] in whole
    }


def grouped(reactions: Reactions) -> Reactions:
    """Stored reactions with those of equal emoji joined, each person once."""
    spellings = _spellings()
    named = {symbol: spellings.get(symbol.translate(_STYLES), symbol) for symbol in reactions}
    if all(symbol == name for symbol, name in named.items()):
        return reactions
    groups: dict[str, dict[str, None]] = {}
    for symbol, users in reactions.items():
        groups.setdefault(named[symbol], {}).update(dict.fromkeys(users))
    return {symbol: list(users) for symbol, users in groups.items()}


def shown(reactions: Reactions, reader: str | None = None) -> tuple[Reactions, Mapping[str, int]]:
    """The reactions of a message in a large room: of each emoji the 50 newest, and how many there
    are where these are more. A `reader` who reacted is always among them."""
    counts = {symbol: len(users) for symbol, users in reactions.items() if len(users) > NAMED}
    cut = {
        symbol: users if symbol not in counts else _newest(users, reader)
        for symbol, users in reactions.items()
    }
    return cut, counts


def _newest(users: list[str], reader: str | None) -> list[str]:
    newest = users[-NAMED:]
    if reader is None or reader in newest or reader not in users:
        return newest
    return [reader, *newest[1:]]


def reacted(before: Reactions, symbol: str, user_id: str, add: bool) -> Reactions:
    """The reactions of a message after `user_id` added or took back `symbol`.

    Raises Invalid where the message, or this person on it, has as many as there can be.
    """
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
