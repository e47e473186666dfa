"""Password rules, and argon2 hashing in threads with a bounded queue.

The rules follow NIST SP 800-63B: length, a list of common passwords, no composition rules.
"""

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.accounts.common_passwords import is_most_used, word_within
from app.errors import Invalid, Unavailable

SHORTEST = 8
LONGEST_BYTES = 1024
# Before Unicode composition, which takes quadratic time in a run of combining marks.
LONGEST_CHARACTERS = 2 * LONGEST_BYTES
# Each hash takes 64 MiB and a core: a few run at once, a bounded number waits.
AT_ONCE = 2
MOST_WAITING = 64

T = TypeVar("T")


def acceptable(password: str, *, username: str = "", field: str = "password") -> str:
    """The password as it is hashed (composed Unicode). Raises Invalid naming `field`."""
    composed = _composed(password)
    if composed is None:
        raise Invalid(f"A password has at most {LONGEST_BYTES} bytes.", field=field)
    if len(composed) < SHORTEST:
        raise Invalid(f"A password has at least {SHORTEST} characters.", field=field)
    if composed.casefold() == username.casefold():
        raise Invalid("The password can't be the username.", field=field)
    if is_most_used(composed):
        raise Invalid(
            "This password is too common: attackers try it first. Choose another.", field=field
        )
    if word := word_within(composed, username):
        raise Invalid(
            f"A password that is little more than “{word}” is easy to guess.", field=field
        )
    return composed


class Passwords:
    """Hashes and verifies. `close()` ends its threads."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="argon2")
        self._waiting = 0
        # Verified against where the username is unknown, so that both cases take the same time.
        self._nobodys = self._threads.submit(self._hasher.hash, "nobody has this password")

    async def hash(self, password: str) -> str:
        """The argon2id hash of an acceptable password. Raises Unavailable when too many wait."""
        composed = _composed(password)
        if composed is None:
            raise ValueError("this password is too long to be hashed")
        return await self._run(lambda: self._hasher.hash(composed))

    async def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` fits the hash; takes as long where there is none (None).

        Raises Unavailable when too many wait.
        """
        composed = _composed(password) or ""
        fits = await self._run(lambda: self._fits(stored or self._nobodys.result(), composed))
        return fits and stored is not None

    def is_outdated(self, stored: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self._hasher.check_needs_rehash(stored)

    def close(self) -> None:
        """Cancel the waiting hashes and end the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _fits(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise Unavailable("Many people are signing in. Try again in a moment.", retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1


def _composed(password: str) -> str | None:
    """The NFKC form, the same for different keyboards; None where it is too long."""
    if len(password) > LONGEST_CHARACTERS:
        return None
    composed = unicodedata.normalize("NFKC", password.encode("utf-8", "replace").decode())
    return composed if len(composed.encode()) <= LONGEST_BYTES else None
