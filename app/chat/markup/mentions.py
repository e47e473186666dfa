"""Finds `@username` in texts. No I/O."""

import re
from collections.abc import Mapping

from app.chat.markup.boundaries import word_goes_on_after, word_goes_on_before

NAME_CHARACTERS = 32
WRITTEN = re.compile(r"@([A-Za-z0-9][A-Za-z0-9._-]{1,31})")

Names = Mapping[str, tuple[str, str]]
"""The people who can be mentioned: username → (user id, display name)."""


def username_at(text: str, at: int, names: Names) -> str | None:
    """The username that the `@` at index `at` mentions, as typed; None where it mentions nobody.

    The longest known name counts: `@eve_.` is `eve_` where there is one, and otherwise `eve`.
    """
    if word_goes_on_before(text, at):
        return None
    found = WRITTEN.match(text, at)
    if found is None:
        return None
    written = found[1]
    if word_goes_on_after(text, found.end()):
        return None
    while written.lower() not in names:
        if written[-1] not in "._-":
            return None
        written = written[:-1]
    return written


def named_in(text: str, names: Names) -> Names:
    """The entries of `names` that `text` mentions or may mention: all that rendering needs."""
    found: dict[str, tuple[str, str]] = {}
    at = text.find("@")
    while at >= 0:
        username = username_at(text, at, names)
        if username is not None:
            found[username.lower()] = names[username.lower()]
        at = text.find("@", at + 1)
    return found
