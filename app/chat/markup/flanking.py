"""Which delimiter runs open or close emphasis, friendly to Chinese, Japanese and Korean. No I/O.

CommonMark's rule needs a space or punctuation beside `**真。**`, which these scripts don't have.
This follows the "CommonMark CJK-friendly Amendments" (commonmark-spec issue 650): CJK punctuation
does not keep a run from flanking, and a CJK character beside other punctuation does as a space.
"""

from functools import lru_cache
from typing import NamedTuple
from unicodedata import category, east_asian_width

from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.state_inline import Scanned

# Quotes that a variation selector turns into their full-width form.
AMBIGUOUS_QUOTES = "‘’“”"
FULL_WIDTH_SELECTOR = "\ufe01"


class Side(NamedTuple):
    """The kind of character on one side of a delimiter run."""

    is_space: bool
    is_punctuation: bool
    is_cjk: bool

    @property
    def is_other_punctuation(self) -> bool:
        return self.is_punctuation and not self.is_cjk


@lru_cache(maxsize=4_096)
def side_of(character: str) -> Side:
    """Classifies a single character beside a delimiter run."""
    kind = category(character)
    is_space = kind == "Zs" or character in "\t\n\f\r"
    return Side(is_space, kind[0] in "PS", _is_cjk(character))


def _is_cjk(character: str) -> bool:
    if "\u1100" <= character <= "\u11ff" or "\ud7b0" <= character <= "\ud7ff":
        return True  # Hangul, also where it has no width of its own
    if "\U000e0100" <= character <= "\U000e01ef":
        return True  # chooses the form of an ideograph before it
    return east_asian_width(character) in "WFH" and not _is_emoji(character)


def _is_emoji(character: str) -> bool:
    return category(character) in ("So", "Sk") and (
        "\u231a" <= character <= "\u2b55" or "\U0001f000" <= character <= "\U0001faff"
    )


def before(text: str, at: int) -> Side:
    """Classifies the character before `at`; the beginning counts as a space."""
    if at == 0:
        return side_of(" ")
    last = text[at - 1]
    if at > 1 and "\ufe00" <= last <= "\ufe0e":
        if last == FULL_WIDTH_SELECTOR and text[at - 2] in AMBIGUOUS_QUOTES:
            return Side(is_space=False, is_punctuation=True, is_cjk=True)
        last = text[at - 2]
    return side_of(last)


def scan(state: StateInline, start: int, can_split_word: bool) -> Scanned:
    """The delimiter run at `start`, and whether it can open and close."""
    marker, end = state.src[start], start + 1
    while end < state.posMax and state.src[end] == marker:
        end += 1
    left = before(state.src, start)
    right = side_of(state.src[end] if end < state.posMax else " ")
    opens = not right.is_space and (
        not right.is_other_punctuation or left.is_space or left.is_other_punctuation or left.is_cjk
    )
    closes = not left.is_space and (
        not left.is_other_punctuation
        or right.is_space
        or right.is_other_punctuation
        or right.is_cjk
    )
    can_open = opens and (can_split_word or not closes or left.is_punctuation)
    can_close = closes and (can_split_word or not opens or right.is_punctuation)
    return Scanned(can_open, can_close, end - start)
