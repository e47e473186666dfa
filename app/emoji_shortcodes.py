"""Finds `:shortcode:` of the standard emoji in texts. No I/O.

The table is that of the package `emoji`: all shortcodes of GitHub, and the names that Unicode
gives. The composer completes those of `static/vendor/emoji`, which are GitHub's too; a test
compares both.
"""

import re
from collections.abc import Mapping
from functools import cache

import emoji

LONGEST = 64
# Of GitHub's shortcodes these belong to another emoji than the package says.
AS_ON_GITHUB = {"beetle": "🪲", "egg": "🥚"}
WRITTEN = re.compile(rf":([A-Za-z0-9_+-]{{1,{LONGEST}}}):")


def emoji_at(text: str, at: int) -> tuple[str, int] | None:
    """The emoji whose shortcode begins with the `:` at index `at`, and where the code ends; None
    where there is none. Within words, times and ratios (`1:100:3`) a code means nothing.
    """
    if at and _is_in_a_word(text[at - 1]):
        return None
    found = WRITTEN.match(text, at)
    if found is None or (found.end() < len(text) and _is_in_a_word(text[found.end()])):
        return None
    symbol = table().get(found[1].lower())
    return None if symbol is None else (symbol, found.end())


def _is_in_a_word(character: str) -> bool:
    """Whether it belongs to a word of an alphabet that has spaces between its words."""
    return character.isalnum() and (character < "\u0590" or "\u1e00" <= character < "\u2000")


def with_emoji(text: str) -> str:
    """A text that is shown without markup, with emoji in place of their shortcodes."""
    parts, done, at = list[str](), 0, text.find(":")
    while at >= 0:
        found = emoji_at(text, at)
        if found is not None:
            parts += text[done:at], found[0]
            done = found[1]
        at = text.find(":", done if found else at + 1)
    return "".join((*parts, text[done:]))


@cache
def table() -> Mapping[str, str]:
    """The emoji of each shortcode, without its colons."""
    whole = (emoji.STATUS["fully_qualified"], emoji.STATUS["component"])
    symbols = {s: about for s, about in emoji.EMOJI_DATA.items() if about["status"] in whole}
    # `:dog:` is the face that people mean by it; Unicode calls another emoji so.
    codes = [(about["en"], symbol) for symbol, about in symbols.items()]
    codes += [
        (alias, symbol) for symbol, about in symbols.items() for alias in about.get("alias", ())
    ]
    written = {code.strip(":"): symbol for code, symbol in codes}
    # `Turkey` is the country, `turkey` the bird.
    found = {code.lower(): symbol for code, symbol in written.items()} | written | AS_ON_GITHUB
    return {code: symbol for code, symbol in found.items() if len(code) <= LONGEST}
