"""The header `Idempotency-Key`: what makes a repeated request a repeat, whatever its form."""

from hashlib import sha256

from aiohttp import web

from app.errors import Invalid

HEADER = "Idempotency-Key"
KEY_CHARACTERS = 255


def key_of(request: web.Request) -> str | None:
    """The key that came with a request, None without one. Raises Invalid."""
    return checked(request.headers.get(HEADER))


def checked(key: str | None) -> str | None:
    """A key of a bearable length. Raises Invalid."""
    if key is not None and not 1 <= len(key) <= KEY_CHARACTERS:
        raise Invalid(f"{HEADER} has 1 to {KEY_CHARACTERS} characters.")
    return key


def client_id_of(key: str) -> str:
    """A `client_id` that stands for the key: short, and of characters that can be stored."""
    return sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:48]


def client_id(request: web.Request, chosen: str | None) -> str | None:
    """The `client_id` of a request: from the header, or else as the body `chose` it.

    Raises Invalid.
    """
    key = key_of(request)
    return chosen if key is None else client_id_of(key)
