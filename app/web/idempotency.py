"""The header `Idempotency-Key` (draft-ietf-httpapi-idempotency-key-header): a request that is sent
again with the same key gets the first result.
"""

from hashlib import sha256

from aiohttp import web

from app.errors import Invalid

HEADER = "Idempotency-Key"
KEY_CHARACTERS = 255


def key_of(request: web.Request) -> str | None:
    """The key of a request, None without one. Raises Invalid."""
    return checked(request.headers.get(HEADER))


def checked(key: str | None) -> str | None:
    """Return `key`. Raises Invalid unless it has 1 to KEY_CHARACTERS."""
    if key is not None and not 1 <= len(key) <= KEY_CHARACTERS:
        raise Invalid(f"{HEADER} has 1 to {KEY_CHARACTERS} characters.")
    return key


def client_id_of(key: str) -> str:
    """The `client_id` for a key: a hash, because keys may be long and hold any byte."""
    return sha256(key.encode("utf-8", "surrogateescape")).hexdigest()[:48]


def client_id(request: web.Request, chosen: str | None) -> str | None:
    """The `client_id` of a request: from the header, else `chosen` by the body. Raises Invalid."""
    key = key_of(request)
    return chosen if key is None else client_id_of(key)
