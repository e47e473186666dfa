"""Checks typed text: invisible text and characters, names on one line, names that read the same.

No I/O. Every function checks the length of a text before it normalises it, because that takes
quadratic time in a run of combining marks.
"""

import re
import unicodedata

import emoji

from app.errors import Invalid

# Composition shortens a text: at most three code points become one.
RAW_TIMES = 4

# Unicode's default ignorable characters: they have no shape of their own. The blank of Braille and
# the musical null notehead have a width, but no ink.
_NO_SHAPE = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d159"
    "\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_BLANK = "\u2800"
_HIDDEN = re.compile(f"[{_NO_SHAPE}]")
_SHAPELESS = re.compile(f"[{_NO_SHAPE}{_BLANK}]")
# Bidirectional controls: they change the direction of the text after them.
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
# Controls, surrogates, private use; and what is no character at all.
_NOT_IN_LINE = frozenset({"Cc", "Cs", "Co"})
_NO_CHARACTER = re.compile("[\ufdd0-\ufdef\ufffe\uffff]")
_VARIATION = re.compile("[\ufe0e\ufe0f]")

# Scripts whose words take a joiner or a non-joiner between two letters: Arabic (Persian, Urdu),
# Syriac, N'Ko, Mandaic, those of India and Sri Lanka, Khmer, Mongolian.
_JOINING = re.compile(
    "[\u0610-\u061a\u061d-\u077f\u07c0-\u07ff\u0840-\u085f\u0870-\u08ff"
    "\u0900-\u0dff\u1780-\u17b3\u17b6-\u17ff\u1820-\u18af]"
)
_VIRAMA = 9
# Places where a character without a shape is part of the spelling; see `_belongs` for more.
_AT_HOME = re.compile(
    # A flag of a region, spelled with tags.
    "(?<=\U0001f3f4)[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,6}\U000e007f"
    # A variant of a Chinese or Japanese character.
    "|(?<=[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff])"
    "[\ufe00-\ufe02\U000e0100-\U000e01ef]"
    # A form of a Mongolian letter, and the separator before the last vowel.
    "|(?<=[\u1820-\u18aa])(?:[\u180b-\u180d\u180f]|\u180e(?=[\u1820\u1821]))"
    # A keycap.
    "|(?<=[0-9#*])\ufe0f(?=\u20e3)"
)


def is_visible(text: str) -> bool:
    """Whether anything can be seen: more than spaces, marks without a letter and the like."""
    return any(map(_has_shape, text))


def _has_shape(character: str) -> bool:
    category = unicodedata.category(character)
    if category[0] in "ZM" or category in ("Cc", "Cf", "Cs"):
        return False
    return _SHAPELESS.match(character) is None


def must_be_visible(text: str, message: str, field: str) -> str:
    """Return `text`. Raises Invalid with `message` where nothing of it can be seen."""
    if not is_visible(text):
        raise Invalid(message, field=field)
    return text


def must_keep_direction(text: str, field: str) -> str:
    """Return `text`. Raises Invalid where it has controls that change the direction of text."""
    if _BIDI.search(text):
        raise _not_shown(field)
    return text


def line(text: str, field: str, at_most: int, *, may_be_empty: bool = False) -> str:
    """Return `text` as one line, trimmed and composed (NFC).

    Raises Invalid naming `field` for control characters, and for more than `at_most` characters.
    """
    if len(text) > RAW_TIMES * at_most:
        raise _length(field, at_most)
    made = unicodedata.normalize("NFC", " ".join(text.replace(_BLANK, " ").split()))
    must_keep_direction(made, field)
    if any(unicodedata.category(c) in _NOT_IN_LINE for c in made):
        raise _not_shown(field)
    if _NO_CHARACTER.search(made):
        raise _not_shown(field)
    if len(made) > at_most or not (made or may_be_empty):
        raise _length(field, at_most)
    if made:
        must_be_visible(made, f"The {field} has nothing in it that can be seen.", field)
    return made


def name(text: str, field: str, at_most: int) -> str:
    """Return `text` as a `line` for a name.

    Raises Invalid also for invisible characters, with which two names could look the same.
    """
    made = line(text, field, at_most)
    if has_invisible(made):
        raise Invalid(
            f"The {field} has a character that nobody can see, such as a zero-width space. "
            "Type it anew without it.",
            field=field,
        )
    return made


def has_invisible(text: str) -> bool:
    """Whether there is a character without a shape where no script and no emoji uses one."""
    if _HIDDEN.search(text) is None:
        return False
    rest = _AT_HOME.sub("", text)
    return any(not _belongs(rest, found.start()) for found in _HIDDEN.finditer(rest))


def _belongs(text: str, at: int) -> bool:
    """Whether the shapeless character at `at` chooses how an emoji looks, joins two emoji, or
    stands in a word of a script that uses it."""
    before, after = text[:at][-1:], text[at + 1 :][:1]
    match text[at]:
        case "\ufe0e" | "\ufe0f":
            return emoji.is_emoji(before)
        case "\u200d" if emoji.is_emoji(after):
            return before == "\ufe0f" or emoji.is_emoji(before)
        case "\u200c" | "\u200d":
            return _ends_syllable(before) or (_joins(before) and _joins(after))
    return False


def _ends_syllable(character: str) -> bool:
    """Whether this is the sign after which an Indian consonant has no vowel."""
    return character != "" and unicodedata.combining(character) == _VIRAMA


def _joins(character: str) -> bool:
    """Whether this is a letter, or a mark on one, of a script that uses joiners."""
    return bool(_JOINING.match(character)) and unicodedata.category(character)[0] in "LM"


def comparable(text: str) -> str:
    """A form that is equal for names that read the same; `text` has to be a `line` already.

    Case, composition and the style of an emoji make no difference.
    """
    folded = unicodedata.normalize("NFD", _VARIATION.sub("", text)).casefold()
    return unicodedata.normalize("NFC", folded)


def _length(field: str, at_most: int) -> Invalid:
    return Invalid(f"A {field} has 1 to {at_most} characters.", field=field)


def _not_shown(field: str) -> Invalid:
    return Invalid(f"The {field} has characters that can't be shown.", field=field)
