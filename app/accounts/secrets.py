"""Random secrets, which are stored as hashes only, and values signed with the server's key.

A stolen database then holds nothing that opens a session or a link.
"""

import hashlib
import secrets
from collections.abc import Callable
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

Mint = Callable[[], str]


def mint() -> str:
    """A new secret of 256 random bits, safe in addresses and headers."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """The SHA-256 hash that is stored of a secret; a fast hash is enough for 256 random bits."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Signer:
    """Signs small values for one purpose; a value signed for another is not accepted."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            secret, salt=f"parley.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, value: Any) -> str:
        """Return `value` (JSON) with its signature, as one string for a cookie or a header."""
        return str(self._serializer.dumps(value))

    def unsign(self, signed: str) -> Any:
        """Return the value, or None where this server didn't sign it for this purpose."""
        try:
            return self._serializer.loads(signed)
        except (BadData, UnicodeError, RecursionError):
            return None
