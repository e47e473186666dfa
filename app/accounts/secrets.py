"""Secrets that are handed out once and kept as a hash, and values sealed with the server's key.

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
    """What is stored of a secret. It is random, so a fast hash is enough and can be looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class Signer:
    """Signs small values, for one purpose each: a value sealed for another doesn't open."""

    def __init__(self, secret: str, purpose: str) -> None:
        self._serializer = URLSafeSerializer(
            secret, salt=f"parley.{purpose}", signer_kwargs={"digest_method": hashlib.sha256}
        )

    def sign(self, value: Any) -> str:
        """`value` (JSON) and its signature, as one string for a cookie or a header."""
        return str(self._serializer.dumps(value))

    def unsign(self, sealed: str) -> Any:
        """The value, or None for anything that this server didn't seal for this purpose."""
        try:
            return self._serializer.loads(sealed)
        except (BadData, UnicodeError, RecursionError):
            return None
