"""Passwords that are tried first: the most used ones, and those made of a word of this place."""

from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # none upstream

# Words that whoever guesses at this server begins with, besides the person's own username.
OUR_WORDS = ("parley", "admin", "administrator", "chat", "password", "welcome")
# So many characters around such a word make nothing new of it: `Parley2026`.
AROUND = 4

# In the order of how many people use them, gathered from what was stolen elsewhere.
MOST_USED: frozenset[str] = frozenset(FREQUENCY_LISTS["passwords"])


def is_most_used(password: str) -> bool:
    """Whether many people have this password, in any case."""
    return password.casefold() in MOST_USED


def word_within(password: str, username: str) -> str | None:
    """The word that the password is made of but for a few characters, or None."""
    folded = password.casefold()
    words = (*OUR_WORDS, username.casefold())
    return next((w for w in words if w and len(folded.replace(w, "")) <= AROUND), None)
