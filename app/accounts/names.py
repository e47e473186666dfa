"""Rules for usernames, display names and time zones. No I/O."""

import re
import unicodedata
from functools import cache
from zoneinfo import available_timezones

from app import text_checks
from app.accounts.models import FORMER_MEMBER
from app.errors import Invalid

# A dot or dash at the end, or two dots, would be taken for punctuation behind a mention. Accounts
# from before that rule keep such a name: only new ones are checked.
USERNAME = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9._-]{0,30}[a-z0-9_]")
USERNAME_LIMIT = 32
# Ids are 24 hexadecimal characters: such a name could pass for another user's id.
_ID_LIKE = re.compile(r"[0-9a-f]{24}")
FORMER_USERNAME = "former-member"
# A mention of these means a group of people, or a deleted account.
_RESERVED = frozenset({"all", "channel", "everyone", "here", "room", FORMER_USERNAME})
DISPLAY_NAME_LIMIT = 64
_LINE_BREAKS = re.compile("[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")


def username(typed: str) -> str:
    """The username in its one spelling (lower case), or Invalid."""
    # Only ASCII is lowered: the lower case of other letters can be ASCII (the Kelvin sign's is k).
    is_short = len(typed) <= 2 * USERNAME_LIMIT
    name = typed.strip().lower() if is_short and typed.isascii() else ""
    if not USERNAME.fullmatch(name):
        raise Invalid(
            "A username has 2 to 32 characters: letters a–z, digits, dot, dash and underscore. It "
            "begins with a letter or a digit, does not end with a dot or a dash, and has no two "
            "dots in a row.",
            field="username",
        )
    if name in _RESERVED or _ID_LIKE.fullmatch(name):
        raise Invalid("This username is reserved. Please choose another one.", field="username")
    return name


def display_name(typed: str) -> str:
    """The display name, trimmed and composed, or Invalid."""
    if _LINE_BREAKS.search(typed[: text_checks.RAW_TIMES * DISPLAY_NAME_LIMIT].strip()):
        raise Invalid("A name can't contain line breaks.", field="name")
    name = text_checks.name(typed, "name", DISPLAY_NAME_LIMIT)
    if text_checks.comparable(unicodedata.normalize("NFKC", name)) == FORMER_MEMBER:
        raise Invalid("This name is reserved. Please choose another one.", field="name")
    return name


def time_zone(name: str) -> str:
    """A known IANA zone such as `Europe/Vienna`, or Invalid."""
    if name not in time_zones():
        raise Invalid("This time zone isn't known. Choose one from the list.", field="time_zone")
    return name


@cache
def time_zones() -> tuple[str, ...]:
    """The zones to choose from, in order; the legacy spellings work but aren't offered first."""
    return tuple(sorted(available_timezones() - {"localtime", "Factory"}))
