"""Passwords that an attacker tries first: the most used ones, and words of this server. No I/O."""

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # none upstream

# An attacker of this server tries these first, besides the person's own username.
OUR_WORDS = ("parley", "admin", "administrator", "chat", "password", "welcome")
# A word with up to so many characters around it is as easy to guess: `Parley2026`.
AROUND = 4

# zxcvbn's list, gathered from passwords that were stolen elsewhere.
MOST_USED: frozenset[str] = frozenset(FREQUENCY_LISTS["passwords"])


def is_most_used(password: str) -> bool:
    """Whether many people have this password, in any case."""
    return password.casefold() in MOST_USED


def word_within(password: str, username: str) -> str | None:
    """The word that the password is made of but for a few characters, or None."""
    folded = password.casefold()
    words = (*OUR_WORDS, username.casefold())
    return next((w for w in words if w and len(folded.replace(w, "")) <= AROUND), None)
