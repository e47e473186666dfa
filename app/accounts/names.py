"""What people may call themselves: usernames, display names, time zones. No I/O."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from app.accounts.models import FORMER_MEMBER
from app.errors import Invalid

USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}")
# Ids are 24 hexadecimal characters: such a name could pass for somebody else's id.
_ID_LIKE = re.compile(r"[0-9a-f]{24}")
FORMER_USERNAME = "former-member"
# A mention of these means many people, or nobody.
_RESERVED = frozenset({"all", "channel", "everyone", "here", "room", FORMER_USERNAME})
DISPLAY_NAME_LIMIT = 64
# Controls, lone surrogates, line and paragraph separators.
_INVISIBLE = frozenset({"Cc", "Cs", "Zl", "Zp"})
# Marks that turn the reading direction could make one name look like another.
_DIRECTION = frozenset("\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def username(text: str) -> str:
    """The username in its one spelling (lower case), or Invalid."""
    name = text.strip().lower()
    if not USERNAME.fullmatch(name):
        raise Invalid(
            "A username has 2 to 32 characters: letters a–z, digits, dot, dash and underscore, "
            "and begins with a letter or a digit.",
            field="username",
        )
    if name in _RESERVED or _ID_LIKE.fullmatch(name):
        raise Invalid("This username is reserved. Please choose another one.", field="username")
    return name


def display_name(text: str) -> str:
    """The display name, trimmed and composed, or Invalid."""
    name = unicodedata.normalize("NFC", text.strip())
    if not 1 <= len(name) <= DISPLAY_NAME_LIMIT or not any(map(_shows, name)):
        raise Invalid(f"A name has 1 to {DISPLAY_NAME_LIMIT} characters.", field="name")
    if any(unicodedata.category(c) in _INVISIBLE or c in _DIRECTION for c in name):
        raise Invalid("A name can't contain control characters or line breaks.", field="name")
    if name.casefold() == FORMER_MEMBER:
        raise Invalid("This name is reserved. Please choose another one.", field="name")
    return name


def time_zone(text: str) -> str:
    """A known IANA zone such as `Europe/Vienna`, or Invalid."""
    if text not in time_zones():
        raise Invalid("This time zone isn't known. Choose one from the list.", field="time_zone")
    return text


@cache
def time_zones() -> tuple[str, ...]:
    """The zones to choose from, in order; the legacy spellings work but aren't offered first."""
    return tuple(sorted(available_timezones() - {"localtime", "Factory"}))


def _shows(character: str) -> bool:
    """Whether there is anything to see: not a space, a joiner or a format mark."""
    return unicodedata.category(character)[0] not in "ZC" and character not in "\u115f\u1160\u3164"
